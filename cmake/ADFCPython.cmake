# nanobind, for the Python extension.
#
#   ADFC_HAVE_NANOBIND     ON where the extension can be built
#   adfc_add_extension(NAME SOURCE...)  builds the module adfc._native.NAME on libADFC, where nanobind
#       is installed in the Python that CMake was given (Python_EXECUTABLE)
#
# The extension needs exceptions and RTTI; nanobind maps C++ types by them.

set(ADFC_HAVE_NANOBIND OFF)
if(Python_Development.Module_FOUND)
  execute_process(COMMAND "${Python_EXECUTABLE}" -m nanobind --cmake_dir
    OUTPUT_STRIP_TRAILING_WHITESPACE OUTPUT_VARIABLE nanobind_ROOT ERROR_QUIET)
  find_package(nanobind CONFIG QUIET)
  set(ADFC_HAVE_NANOBIND ${nanobind_FOUND})
endif()
if(NOT ADFC_HAVE_NANOBIND)
  message(STATUS "adfc: no nanobind or no Python headers for ${Python_EXECUTABLE}: no Python extension")
endif()

function(adfc_add_extension name)
  nanobind_add_module(${name} NB_STATIC NB_DOMAIN adfc NOMINSIZE ${ARGN})
  target_link_libraries(${name} PRIVATE ADFC)
  target_compile_options(${name} PRIVATE -fexceptions -frtti)
  target_link_options(${name} PRIVATE LINKER:--exclude-libs,ALL)
  adfc_install(${name})
endfunction()
