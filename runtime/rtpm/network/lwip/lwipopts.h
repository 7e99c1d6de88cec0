/* lwIP for the boards: IPv4, ARP, ICMP echo, UDP and the TFTP server; no operating system. */
#ifndef ADFC_LWIPOPTS_H
#define ADFC_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0 /* nothing is called from interrupts */
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_TCP 0
#define LWIP_RAW 0
#define LWIP_IPV6 0
#define IP_REASSEMBLY 0 /* datagrams fit a frame */
#define IP_FRAG 0
#define IP_OPTIONS_ALLOWED 0
#define IP_SOF_BROADCAST 0
#define IP_DEFAULT_TTL 64
#define LWIP_STATS 0
#define LWIP_CHKSUM_ALGORITHM 1     /* the smallest */
#define LWIP_NETIF_TX_SINGLE_PBUF 1 /* what is sent lies in one piece */
#define LWIP_NETIF_API 0
#define LWIP_CHECKSUM_ON_COPY 0
#define LWIP_IGMP 0

/* Memory, all static: frames that have come in, and what is put together to be sent. */
#define MEM_ALIGNMENT 8
#define MEM_SIZE 16384
#define PBUF_POOL_SIZE 16
#define PBUF_POOL_BUFSIZE 1536 /* a whole frame */
#define MEMP_NUM_UDP_PCB 2     /* TFTP, inference */
#define MEMP_NUM_SYS_TIMEOUT 8

#define TFTP_PORT 69
#define TFTP_MAX_FILENAME_LEN 20
#define TFTP_TIMEOUT_MSECS 3000 /* of silence, after which another upload may begin */
#define TFTP_TIMER_MSECS 300

#endif
