/* Storage for "the bound one": per thread on hosts, plain where there are no threads. */
#ifndef ADFC_THREAD_LOCAL_H
#define ADFC_THREAD_LOCAL_H

#if defined(__linux__)
#define ADFC_THREAD_LOCAL _Thread_local
#else
#define ADFC_THREAD_LOCAL
#endif

#endif
