//===- FlatCodeTest.cpp - Code that could not run flat is refused ---------===//
//
// Our kernels never give such code, so it is written by hand in LLVM IR here.
//
//===----------------------------------------------------------------------===//
#include "Kernels/FlatLink.h"
#include "Kernels/ObjectCode.h"
#include "Kernels/Target.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

using namespace adfc::kernels;

/// "ok", or why the code of `ir` is refused.
static std::string link(llvm::StringRef ir, Isa isa) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module = llvm::parseAssemblyString(ir, diagnostic, context);
  if (!module)
    return "not parsed: " + diagnostic.getMessage().str();
  if (llvm::Error error = optimize(*module, getTarget(isa), /*vectorize=*/false))
    return llvm::toString(std::move(error));
  auto object = generateCode(*module, getTarget(isa), llvm::CodeGenFileType::ObjectFile);
  if (!object)
    return llvm::toString(object.takeError());
  auto code =
      linkFlat(llvm::MemoryBufferRef(llvm::StringRef(object->data(), object->size()), "test"));
  if (!code)
    return llvm::toString(code.takeError());
  return code->symbols.contains("f") ? "ok" : "no entry";
}

namespace {
struct Case {
  const char *what, *ir, *expected;
};
} // namespace

static constexpr Case cases[] = {
    {"arithmetic", "define i32 @f(i32 %x) { %y = add i32 %x, 1 ret i32 %y }", "ok"},
    {"a table of constants",
     "@t = internal constant [4 x i32] [i32 9, i32 7, i32 5, i32 8]"
     "define i32 @f(i64 %i) { %p = getelementptr i32, ptr @t, i64 %i %v = load i32, ptr %p ret i32 "
     "%v }",
     "ok"},
    {"a call of what is defined nowhere",
     "declare void @memset_of_nobody(ptr) define void @f(ptr %p) { call void @memset_of_nobody(ptr "
     "%p) ret void }",
     "needs memset_of_nobody, which is defined nowhere"},
    {"a large clearing, for which LLVM would call memset",
     "define void @f(ptr %p) { call void @llvm.memset.p0.i64(ptr %p, i8 0, i64 100000, i1 false) "
     "ret void }"
     "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)",
     "needs memset, which is defined nowhere"},
    {"a variable",
     "@x = internal global i32 5 define i32 @f() { %v = load volatile i32, ptr @x ret i32 %v }",
     "writable data"},
    {"more stack than a kernel has",
     "declare void @g(ptr) define void @f() { %p = alloca [9000 x i8] call void @g(ptr %p) ret "
     "void }",
     "stack frame size"},
};

int main() {
  int failed = 0;
  for (Isa isa : allIsas())
    for (const Case &test : cases) {
      std::string found = link(test.ir, isa);
      if (llvm::StringRef(found).contains(test.expected))
        continue;
      llvm::errs() << isaName(isa) << ", " << test.what << ": expected '" << test.expected
                   << "', found '" << found << "'\n";
      ++failed;
    }
  return failed != 0;
}
