/* A network device: whole Ethernet frames without their checksum. Each driver defines these. */
#ifndef ADFC_RTPM_ETHERNET_H
#define ADFC_RTPM_ETHERNET_H

#include <stdint.h>

enum { ETHERNET_FRAME_BYTES = 1514 };

/* Starts the device. `mac` is its address: the driver may replace it by the device's own. Returns
 * 1, or 0 where there is no such device. */
int ethernet_start(uint8_t mac[6]);

/* The next frame, of at most ETHERNET_FRAME_BYTES, to `frame`: returns its bytes, 0 for none. Takes
 * back the device's interrupt before it looks. */
uint32_t ethernet_receive(uint8_t *frame);

/* The interrupt (for board_sleep()) that tells of a frame. */
uint32_t ethernet_interrupt(void);

/* Sends a frame. Returns 1, or 0 where all buffers are in use. */
int ethernet_send(const uint8_t *frame, uint32_t bytes);

#endif
