// The whole rcb dialect: what TableGen reads.
#ifndef ADFC_RCB_TD
#define ADFC_RCB_TD

include "RCB/RCBDialect.td"
include "adfc/spec/RCBOps.td"
include "RCB/RCBImageOps.td"

#endif // ADFC_RCB_TD
