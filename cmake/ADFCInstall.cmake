# Where built things go, in the build tree and in the wheel.
#
#   ADFC_NATIVE_OUTPUT_DIR   build-tree folder of all shared libraries and the Python extension
#   adfc_install(TARGET...)  sets a target's output folder, run path and place in the wheel:
#                            shared libraries, extension modules -> adfc/_native/
#                            executables -> bin/ in the build tree, adfc/_native/bin/ in the wheel
#                            static libraries -> adfc/_native/lib/
#   adfc_install_headers(DIR...)  the header trees of DIR... -> adfc/_native/include/
#
# In the wheel run paths to our own libraries are relative to the file itself ($ORIGIN), so it works
# wherever it is unpacked; MLIR's and LLVM's are those it was linked with.

set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
set(ADFC_NATIVE_OUTPUT_DIR "${PROJECT_BINARY_DIR}/python/adfc/_native")

function(adfc_install)
  foreach(target ${ARGN})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "EXECUTABLE")
      set_target_properties(${target} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin" INSTALL_RPATH "$ORIGIN/..")
    else()
      set_target_properties(${target} PROPERTIES
        LIBRARY_OUTPUT_DIRECTORY "${ADFC_NATIVE_OUTPUT_DIR}" INSTALL_RPATH "$ORIGIN")
    endif()
    install(TARGETS ${target}
      RUNTIME DESTINATION adfc/_native/bin
      LIBRARY DESTINATION adfc/_native
      ARCHIVE DESTINATION adfc/_native/lib)
  endforeach()
endfunction()

function(adfc_install_headers)
  foreach(dir ${ARGN})
    install(DIRECTORY "${dir}/" DESTINATION adfc/_native/include FILES_MATCHING PATTERN "*.h")
  endforeach()
endfunction()
