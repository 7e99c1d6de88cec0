/* What a program was built with; `adfc deploy` writes it (python/adfc/boards/options.py). */
#ifndef ADFC_RTPM_OPTIONS_H
#define ADFC_RTPM_OPTIONS_H

#include <stdint.h>

struct rtpm_options {
  uint32_t log_level;    /* enum log_level */
  uint32_t inference_ms; /* what an inference may take by the board's clock */
};

extern const struct rtpm_options rtpm_options;

#endif
