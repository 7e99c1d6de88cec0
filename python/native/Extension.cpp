//===- Extension.cpp - adfc._native._adfc ---------------------------------===//
//
// A thin view of libADFC for Python: IR text in, passes over it, text and bytes out. What the
// functions do stands beside their declarations in Module.h and Encoding.h;
// python/adfc/_native/_adfc.pyi has their Python types.
//
//===----------------------------------------------------------------------===//
#include "BuildingExtension.h"
#include "Encoding.h"
#include "Module.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;
using namespace nb::literals;
using namespace adfc::python;
using adfc::rcb::ImageContents;

namespace {

using WithoutGil = nb::call_guard<nb::gil_scoped_release>;

template <typename Container> nb::bytes bytesOf(const Container &container) {
  return nb::bytes(container.data(), container.size() * sizeof(*container.data()));
}

/// A function that returns a string, as one that returns bytes and runs without the interpreter's
/// lock.
template <typename... Args> auto asBytes(std::string (*function)(Args...)) {
  return [function](Args... args) {
    std::string value;
    {
      nb::gil_scoped_release release;
      value = function(args...);
    }
    return bytesOf(value);
  };
}

void bindDiagnostics(nb::module_ &m) {
  nb::class_<Diagnostic>(m, "Diagnostic")
      .def_ro("severity", &Diagnostic::severity)
      .def_ro("message", &Diagnostic::message)
      .def_ro("file", &Diagnostic::file)
      .def_ro("line", &Diagnostic::line)
      .def_ro("names", &Diagnostic::names)
      .def_ro("code", &Diagnostic::code)
      .def_ro("segment", &Diagnostic::segment)
      .def_ro("notes", &Diagnostic::notes);
  static PyObject *type =
      PyErr_NewException("adfc._native._adfc.MLIRError", PyExc_Exception, nullptr);
  m.attr("MLIRError") = nb::borrow(type);
  nb::register_exception_translator([](const std::exception_ptr &pointer, void *) {
    try {
      std::rethrow_exception(pointer);
    } catch (const MLIRError &error) {
      nb::object value = nb::borrow(type)(error.message);
      value.attr("diagnostics") = nb::cast(error.diagnostics);
      PyErr_SetObject(type, value.ptr());
    }
  });
}

void bindImageContents(nb::module_ &m) {
  nb::class_<ImageContents>(m, "ImageContents")
      .def_prop_ro("program", [](const ImageContents &c) { return bytesOf(c.program); })
      .def_prop_ro("load_program", [](const ImageContents &c) { return bytesOf(c.loadProgram); })
      .def_prop_ro("core_programs", [](const ImageContents &c) { return bytesOf(c.corePrograms); })
      .def_prop_ro("weights", [](const ImageContents &c) { return bytesOf(c.weights); })
      .def_ro("kernels", &ImageContents::kernels)
      .def_ro("io", &ImageContents::io)
      .def_ro("layers", &ImageContents::layers);
}

} // namespace

NB_MODULE(_adfc, m) {
  m.doc() = "The compiler's IR: parse, run passes, print, encode.";
  bindDiagnostics(m);
  bindImageContents(m);
  nb::class_<Context>(m, "Context")
      .def(nb::init<>())
      .def("parse", &Module::parse, "text"_a, "name"_a = "<text>", WithoutGil())
      .def(
          "decode",
          [](std::shared_ptr<Context> context, nb::bytes program, nb::bytes corePrograms,
             std::array<int64_t, 4> bufferBytes, nb::bytes loadProgram) {
            return decode(std::move(context), {program.c_str(), program.size()},
                          {corePrograms.c_str(), corePrograms.size()}, bufferBytes,
                          {loadProgram.c_str(), loadProgram.size()});
          },
          "program"_a, "core_programs"_a, "buffer_bytes"_a, "load_program"_a = nb::bytes("", 0));
  nb::class_<Module> module(m, "Module");
  module.def("run", &Module::run, "pipeline"_a, WithoutGil())
      .def("text", &Module::text, "locations"_a = false, WithoutGil())
      .def("clone", &Module::clone)
      .def("graph_json", &graphJson)
      .def("encode", &encode, WithoutGil())
      .def("native_ir", &nativeIR, WithoutGil())
      .def("native_object", asBytes(&nativeObject));
  bindBuilding(m, module);
  m.def("compile_kernels", asBytes(&compileKernels), "kernels"_a, "isa"_a);
  m.def("describe_kernels", &describeKernels, "kernels"_a);
  m.def(
      "link_kernel",
      [](nb::bytes object, const std::string &symbol) {
        return bytesOf(linkKernel({object.c_str(), object.size()}, symbol));
      },
      "object"_a, "symbol"_a);
  m.def("instruction_set", &instructionSet, "isa"_a);
}
