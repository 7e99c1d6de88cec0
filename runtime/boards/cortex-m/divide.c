/* Division of 64-bit numbers by shifting and subtracting, for processors that only divide 32 bits.
 */
#include <stdint.h>

uint64_t cortex_m_divide(uint64_t dividend, uint64_t divisor, uint64_t *rest);

/* Long division by shifting and subtracting. Dividing by 0 gives ~0, and the dividend as the rest.
 */
uint64_t cortex_m_divide(uint64_t dividend, uint64_t divisor, uint64_t *rest) {
  uint64_t quotient = 0;
  if (divisor == 0) {
    *rest = dividend;
    return ~quotient;
  }
  if (dividend >> 32 == 0 && divisor >> 32 == 0) {
    *rest = (uint32_t)dividend % (uint32_t)divisor;
    return (uint32_t)dividend / (uint32_t)divisor;
  }
  int shift = __builtin_clzll(divisor) - __builtin_clzll(dividend | 1);
  for (; shift >= 0; --shift) {
    if (dividend >= divisor << shift) {
      dividend -= divisor << shift;
      quotient |= 1ull << shift;
    }
  }
  *rest = dividend;
  return quotient;
}
