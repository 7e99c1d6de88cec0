#include "log.h"

#include "console.h"

static uint32_t wanted = LOG_INFO;

void log_set_level(uint32_t level) {
  if (level >= LOG_ERROR && level <= LOG_DEBUG)
    wanted = level;
}

void log_line(enum log_level level, const char *text) {
  static const char *const prefixes[] = {
      [LOG_ERROR] = "adfc: error: ",
      [LOG_WARN] = "adfc: warning: ",
      [LOG_INFO] = "adfc: ",
      [LOG_DEBUG] = "adfc: debug: ",
  };
  if (level > wanted)
    return;
  console_text(prefixes[level]);
  console_text(text);
  console_text("\n");
}
