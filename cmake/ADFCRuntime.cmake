# Flags of our C code.
#
#   adfc_c              interface target: C11, all warnings are errors; link it PRIVATE
#   adfc_c_freestanding the same, and -ffreestanding: for what must also run without an operating system
#
#   add_library(adfc_engine STATIC engine.c)
#   target_link_libraries(adfc_engine PRIVATE adfc_c_freestanding PUBLIC adfc_spec)

add_library(adfc_c INTERFACE)
target_compile_options(adfc_c INTERFACE
  $<$<COMPILE_LANGUAGE:C>:-Wall;-Wextra;-Werror;-Wconversion;-fvisibility=hidden>)

add_library(adfc_c_freestanding INTERFACE)
target_link_libraries(adfc_c_freestanding INTERFACE adfc_c)
target_compile_options(adfc_c_freestanding INTERFACE $<$<COMPILE_LANGUAGE:C>:-ffreestanding>)

add_link_options(-fuse-ld=lld)
