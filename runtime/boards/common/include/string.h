/* <string.h> of a board: the memory functions, and nothing else. */
#include "../memory.h"
