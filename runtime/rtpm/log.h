/* Lines for people on the console, by level: what is above the level that was asked for is left
 * out. Lines that begin with '@' are for programs (report.h) and always written. */
#ifndef ADFC_RTPM_LOG_H
#define ADFC_RTPM_LOG_H

#include <stdint.h>

enum log_level { LOG_ERROR = 1, LOG_WARN = 2, LOG_INFO = 3, LOG_DEBUG = 4 };

/* A level outside of the enumeration leaves the present one. */
void log_set_level(uint32_t level);

/* `text` is one line, without its end. */
void log_line(enum log_level level, const char *text);

static inline void log_error(const char *text) { log_line(LOG_ERROR, text); }
static inline void log_warn(const char *text) { log_line(LOG_WARN, text); }
static inline void log_info(const char *text) { log_line(LOG_INFO, text); }
static inline void log_debug(const char *text) { log_line(LOG_DEBUG, text); }

#endif
