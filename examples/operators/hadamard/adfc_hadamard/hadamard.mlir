// y = saturate((H x * MULTIPLIER + 2^(SHIFT - 1)) >> SHIFT) for each row x, where H is the Hadamard
// matrix in natural order: as in an FFT, STAGES stages of butterflies (a, b) -> (a + b, a - b).
#row = affine_map<(i) -> (i)>
func.func @hadamard(%x: memref<${ROWS}x${IN_PITCH}xi8>, %y: memref<${ROWS}x${OUT_PITCH}xi8>,
                    %sums: memref<${IN_LENGTH}xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rows = arith.constant ${ROWS} : index
  %stages = arith.constant ${STAGES} : index
  %length = arith.constant ${IN_LENGTH} : index
  scf.for %r = %c0 to %rows step %c1 {
    %in = memref.subview %x[%r, 0] [1, ${IN_LENGTH}] [1, 1]
      : memref<${ROWS}x${IN_PITCH}xi8> to memref<${IN_LENGTH}xi8, strided<[1], offset: ?>>
    linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel"]}
        ins(%in : memref<${IN_LENGTH}xi8, strided<[1], offset: ?>>)
        outs(%sums : memref<${IN_LENGTH}xi32>) {
    ^bb0(%a: i8, %b: i32):
      %wide = arith.extsi %a : i8 to i32
      linalg.yield %wide : i32
    }
    scf.for %s = %c0 to %stages step %c1 {
      %half = arith.shli %c1, %s : index
      %whole = arith.shli %half, %c1 : index
      scf.for %block = %c0 to %length step %whole {
        %end = arith.addi %block, %half : index
        scf.for %i = %block to %end step %c1 {
          %j = arith.addi %i, %half : index
          %a = memref.load %sums[%i] : memref<${IN_LENGTH}xi32>
          %b = memref.load %sums[%j] : memref<${IN_LENGTH}xi32>
          %sum = arith.addi %a, %b : i32
          %difference = arith.subi %a, %b : i32
          memref.store %sum, %sums[%i] : memref<${IN_LENGTH}xi32>
          memref.store %difference, %sums[%j] : memref<${IN_LENGTH}xi32>
        }
      }
    }
    %out = memref.subview %y[%r, 0] [1, ${OUT_LENGTH}] [1, 1]
      : memref<${ROWS}x${OUT_PITCH}xi8> to memref<${OUT_LENGTH}xi8, strided<[1], offset: ?>>
    linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel"]}
        ins(%sums : memref<${IN_LENGTH}xi32>)
        outs(%out : memref<${OUT_LENGTH}xi8, strided<[1], offset: ?>>) {
    ^bb0(%a: i32, %b: i8):
      %wide = arith.extsi %a : i32 to i64
      %multiplier = arith.constant ${MULTIPLIER} : i64
      %shift = arith.constant ${SHIFT} : i64
      %one = arith.constant 1 : i64
      %below = arith.subi %shift, %one : i64
      %rounding = arith.shli %one, %below : i64
      %product = arith.muli %wide, %multiplier : i64
      %rounded = arith.addi %product, %rounding : i64
      %scaled = arith.shrsi %rounded, %shift : i64
      %low = arith.constant -128 : i64
      %high = arith.constant 127 : i64
      %above = arith.maxsi %scaled, %low : i64
      %level = arith.minsi %above, %high : i64
      %narrow = arith.trunci %level : i64 to i8
      linalg.yield %narrow : i8
    }
  }
  return
}
