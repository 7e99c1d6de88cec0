//===- RegisterFile.h - What stands in the array's registers --------------===//
#ifndef ADFC_TRANSFORMS_SIMPLIFYRCB_REGISTERFILE_H
#define ADFC_TRANSFORMS_SIMPLIFYRCB_REGISTERFILE_H

#include "RCB/RCBDialect.h"
#include "Target/DeviceModel.h"

#include <map>
#include <optional>

struct aieml_register_class;

namespace adfc {

/// What a register word holds: a number, or half of the address of a place in a DDR buffer, which
/// is known only when the program starts.
struct RegisterValue {
  enum Kind { Number, AddressLow, AddressHigh } kind = Number;
  /// The number; of AddressHigh, the bits above the address's 16.
  uint32_t number = 0;
  rcb::Buffer buffer = rcb::Buffer::INPUT;
  uint64_t offset = 0;

  friend bool operator==(const RegisterValue &a, const RegisterValue &b) {
    return a.kind == b.kind && a.number == b.number && a.buffer == b.buffer && a.offset == b.offset;
  }
  friend bool operator!=(const RegisterValue &a, const RegisterValue &b) { return !(a == b); }
};

/// Values by array address.
using RegisterValues = std::map<uint32_t, RegisterValue>;

/// Which registers a device has, and how they behave.
class RegisterMap {
public:
  explicit RegisterMap(const DeviceModel &device) : device(device) {}

  /// The register class of an array address; null where there is none.
  const aieml_register_class *classOf(uint32_t address) const;
  /// Whether only writes change the register, and nothing happens when it is written: those of
  /// switches, multiplexers and buffer descriptors.
  bool isConfiguration(uint32_t address) const;
  /// Whether `value` is the iteration word of a descriptor that iterates: the array counts in it.
  bool countsIterations(uint32_t address, uint32_t value) const;

private:
  const DeviceModel &device;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_SIMPLIFYRCB_REGISTERFILE_H
