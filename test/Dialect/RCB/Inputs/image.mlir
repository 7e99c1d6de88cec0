// A good image; errors.test breaks it in every way that the verifiers know.
rcb.image @main device "ve2802" input 64 output 64 arena 128 weights 128 {
  rcb.kernel @add_0 id 0 kind "add" {count = 64 : i64}
  rcb.kernel @add_1 id 1 kind "add" {count = 32 : i64}
  rcb.data @w at 64 = dense<1> : tensor<64xi8>
  rcb.io @x input at 0 shape [1, 4, 16] valid 3
  rcb.core_programs [0x201ac, 0x8]
  rcb.program {
    rcb.write32 (2, 3) 0x32000, 0x2
    rcb.mask_write32 (2, 3) 0x32000, 0x3, 0x1
    rcb.block_write (2, 3) 0x1d000, [0x10, 0x0, 0x0, 0x0, 0x0, 0x0]
    rcb.block_set (2, 1) 0xb0000, 17, 0x0
    rcb.mask_poll (2, 3) 0x32004, 0x100000, 0x100000 max 1000
    rcb.wait_task (2, 0) s2mm 1 max 1000
    rcb.bind_buffer (2, 0) 0x1d004, arena + 124
    rcb.load_core (2, 3) from 0 words 2
    rcb.barrier
    rcb.end
  }
}
