//===- Elementwise.h - operands of kernels that join two tensors ----------===//
#ifndef ADFC_KERNELS_ELEMENTWISE_H
#define ADFC_KERNELS_ELEMENTWISE_H

#include "Kernels/Config.h"
#include "Kernels/KernelBuilder.h"
#include "Kernels/Kernels.h"

namespace adfc::kernels {

/// `count` elements of `a` and of the result. `b` has as many, or one for each of `channels`, which
/// holds for every pixel. The configuration counts bytes, of which an element has `bytes`.
struct Elements {
  int64_t count = 0;
  int64_t channels = 0;
  int64_t bytes = 1;

  static Elements read(ConfigReader &config, bool wide = false) {
    Elements elements;
    elements.count = config.integer("count", 1, 1 << 20);
    bool pixel = config.has("channels");
    elements.channels = pixel ? config.integer("channels", 1, 1 << 20) : elements.count;
    config.require(elements.count % elements.channels == 0, "'channels' must divide 'count'");
    elements.bytes = wide ? 2 : 1;
    config.require(elements.channels % elements.bytes == 0, "elements must have two bytes each");
    elements.count /= elements.bytes;
    elements.channels /= elements.bytes;
    return elements;
  }

  KernelInterface interface() const {
    return {{{"a", count * bytes}, {"b", channels * bytes}, {"out", count * bytes, true}}, {}};
  }

  /// A buffer's elements.
  mlir::Value typed(KernelBuilder &b, mlir::Value buffer, int64_t elements) const {
    return bytes == 1 ? buffer : b.typed(buffer, 0, b.getI16Type(), elements);
  }

  /// Covers all elements by vectors: `body` gets the places in `a` and in `b`.
  void forEach(KernelBuilder &b, int64_t widest,
               llvm::function_ref<void(mlir::Value, mlir::Value, int64_t)> body) const {
    b.forEach(count / channels, 1, [&](mlir::Value pixel) {
      b.forEachVector(channels, widest, [&](mlir::Value c, int64_t lanes) {
        body(b.add(b.mul(pixel, channels), c), c, lanes);
      });
    });
  }
};

} // namespace adfc::kernels

#endif // ADFC_KERNELS_ELEMENTWISE_H
