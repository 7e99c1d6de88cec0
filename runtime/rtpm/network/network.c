#include "network.h"

#include "board.h"
#include "ethernet.h"
#include "memory.h"

#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

enum { SLEEP_MS_MAX = 1000 };

static struct netif board_netif;

u32_t sys_now(void) { return (u32_t)(board_microseconds() / 1000); }

static err_t send(struct netif *netif, struct pbuf *p) {
  static uint8_t frame[ETHERNET_FRAME_BYTES];
  (void)netif;
  if (p->tot_len > sizeof frame)
    return ERR_BUF;
  pbuf_copy_partial(p, frame, p->tot_len, 0);
  return ethernet_send(frame, p->tot_len) ? ERR_OK : ERR_WOULDBLOCK;
}

static err_t start(struct netif *netif) {
  memcpy(netif->hwaddr, network_options.mac, sizeof network_options.mac);
  if (!ethernet_start(netif->hwaddr))
    return ERR_IF;
  netif->name[0] = 'e';
  netif->name[1] = 'n';
  netif->hwaddr_len = ETH_HWADDR_LEN;
  netif->mtu = 1500;
  netif->flags =
      NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
  netif->output = etharp_output;
  netif->linkoutput = send;
  return ERR_OK;
}

static ip4_addr_t address_of(const uint8_t bytes[4]) {
  ip4_addr_t address;
  memcpy(&address.addr, bytes, 4);
  return address;
}

int network_start(void) {
  ip4_addr_t address = address_of(network_options.address);
  ip4_addr_t netmask = address_of(network_options.netmask);
  ip4_addr_t gateway = address_of(network_options.gateway);
  lwip_init();
  if (!netif_add(&board_netif, &address, &netmask, &gateway, NULL, start, ethernet_input))
    return 0;
  netif_set_default(&board_netif);
  netif_set_up(&board_netif);
  return 1;
}

int network_poll(void) {
  static uint8_t frame[ETHERNET_FRAME_BYTES];
  uint32_t bytes = ethernet_receive(frame);
  if (bytes) {
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)bytes, PBUF_POOL);
    if (p) {
      pbuf_take(p, frame, (u16_t)bytes);
      if (board_netif.input(p, &board_netif) != ERR_OK)
        pbuf_free(p);
    }
  }
  sys_check_timeouts();
  return bytes != 0;
}

void network_sleep(void) {
  u32_t milliseconds = sys_timeouts_sleeptime();
  if (milliseconds > SLEEP_MS_MAX)
    milliseconds = SLEEP_MS_MAX;
  board_sleep(ethernet_interrupt(), (uint64_t)milliseconds * 1000);
}
