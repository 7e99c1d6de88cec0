# Headers and TableGen made from spec/*.toml, the one source of each fact.
#
#   adfc_spec            interface target: link it to see "adfc/spec/*.h", *.inc and *.td
#   ADFC_SPEC_INCLUDE    the include folder, for TableGen's -I (adfc_tablegen_* pass it by themselves)
#
# python/adfc/spec/generate.py (standard library only) writes them while CMake configures, and CMake configures
# again whenever a spec or the generator changes. So the build always sees finished files with
# correct times, and no target needs a dependency of its own. An unchanged file keeps its time.

# The project's own environment first, where tools/setup has made one: it has nanobind.
if(NOT DEFINED Python_EXECUTABLE AND NOT DEFINED SKBUILD
   AND EXISTS "${PROJECT_SOURCE_DIR}/.venv/bin/python")
  set(Python_EXECUTABLE "${PROJECT_SOURCE_DIR}/.venv/bin/python")
endif()
find_package(Python 3.11 REQUIRED COMPONENTS Interpreter OPTIONAL_COMPONENTS Development.Module)

set(ADFC_SPEC_INCLUDE "${PROJECT_BINARY_DIR}/include")
add_library(adfc_spec INTERFACE)
target_include_directories(adfc_spec INTERFACE "${ADFC_SPEC_INCLUDE}")
file(MAKE_DIRECTORY "${ADFC_SPEC_INCLUDE}")

function(adfc_generate_spec)
  set(fresh "${PROJECT_BINARY_DIR}/spec-fresh")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/spec/*.toml" "${PROJECT_SOURCE_DIR}/python/adfc/spec/*.py")
  set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${sources})
  file(REMOVE_RECURSE "${fresh}")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env "PYTHONPATH=${PROJECT_SOURCE_DIR}/python" PYTHONDONTWRITEBYTECODE=1
            "${Python_EXECUTABLE}" -m adfc.spec.generate --out "${fresh}"
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    RESULT_VARIABLE failed ERROR_VARIABLE reason)
  if(failed)
    message(FATAL_ERROR "adfc: the headers cannot be made from spec/:\n${reason}")
  endif()
  file(GLOB_RECURSE made RELATIVE "${fresh}" "${fresh}/*")
  foreach(name ${made})
    string(REGEX REPLACE "^include/" "" target "${name}")
    get_filename_component(folder "${ADFC_SPEC_INCLUDE}/${target}" DIRECTORY)
    file(MAKE_DIRECTORY "${folder}")
    file(COPY_FILE "${fresh}/${name}" "${ADFC_SPEC_INCLUDE}/${target}" ONLY_IF_DIFFERENT)
  endforeach()
endfunction()

if(EXISTS "${PROJECT_SOURCE_DIR}/python/adfc/spec/generate.py")
  adfc_generate_spec()
else()
  message(STATUS "adfc: python/adfc/spec/generate.py is missing: no spec headers")
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/spec" DESTINATION adfc OPTIONAL
  FILES_MATCHING PATTERN "*.toml")
