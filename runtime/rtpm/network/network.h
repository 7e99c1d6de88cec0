/* The board in its network: an IPv4 address, and lwIP's protocols on the Ethernet device. */
#ifndef ADFC_RTPM_NETWORK_H
#define ADFC_RTPM_NETWORK_H

#include <stdint.h>

/* What the network was built with (python/adfc/boards/options.py). Addresses are in network order.
 */
struct network_options {
  uint8_t address[4], netmask[4], gateway[4];
  uint8_t mac[6], reserved[2];
  uint32_t slot_bytes; /* of each image slot */
};

extern const struct network_options network_options;

/* Returns 1, or 0 where there is no network device. Called once. */
int network_start(void);

/* Deals with the next frame that has come in, and with timers. Returns 1 if there was a frame. */
int network_poll(void);

/* Sleeps until a frame comes or a timer is due. For when network_poll() found no frame. */
void network_sleep(void);

#endif
