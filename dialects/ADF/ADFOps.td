// All of the adf dialect, for TableGen.
#ifndef ADFC_ADF_OPS_TD
#define ADFC_ADF_OPS_TD

include "ADF/ADFDialect.td"
include "ADF/ADFAttrs.td"
include "ADF/ADFInterfaces.td"
include "ADF/ADFGraphOps.td"
include "ADF/ADFSequenceOps.td"
include "ADF/ADFViewOps.td"
include "ADF/ADFCustomOps.td"
include "ADF/ADFProgramOps.td"

#endif // ADFC_ADF_OPS_TD
