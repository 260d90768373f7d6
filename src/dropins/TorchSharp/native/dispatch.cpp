// Calls any libtorch operator by name.
//
// An operator is resolved once (ht_find_operator) and then called with an array of tagged values. They are
// put on the dispatcher's stack as IValues, arguments that were not given are taken from the schema's
// defaults, and the results come back as tagged values again. The stack is kept per thread, so a call
// allocates nothing but what the operator itself needs.
#include "shim.h"

#include <ATen/Generator.h>
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/function_schema.h>
#include <ATen/core/jit_type.h>

#include <cstring>

namespace {

// Mirrored by NativeValue and ValueTag in Interop/NativeValue.cs.
enum Tag : int32_t {
  kDefault = 0,
  kNone = 1,
  kTensor = 2,
  kTensorList = 3,
  kOptionalTensorList = 4,
  kInt = 5,
  kDouble = 6,
  kBool = 7,
  kComplex = 8,
  kIntList = 9,
  kDoubleList = 10,
  kBoolList = 11,
  kString = 12,
  kDevice = 13,
  kGenerator = 14,
};

struct Value {
  int32_t tag;
  int32_t length;  // of a list or string; a device's index
  union {
    int64_t integer;
    double real;
    const void* pointer;
  };
};

struct Operator {
  explicit Operator(c10::OperatorHandle found) : handle(found) {
    for (const auto& argument : handle.schema().arguments()) {
      auto type = argument.type();
      if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
      real.push_back(type->kind() == c10::TypeKind::FloatType);
    }
  }

  c10::OperatorHandle handle;
  std::vector<bool> real;  // the argument is a float: integers are widened
};

// What the schema's Tensor?[] holds; std::optional or c10::optional, as this libtorch has it.
using OptionalTensor = decltype(std::declval<c10::IValue&>().toOptional<at::Tensor>());

c10::IValue to_ivalue(const Value& value, bool real) {
  switch (value.tag) {
    case kNone:
      return c10::IValue();
    case kTensor:
      return c10::IValue(shim::borrow(static_cast<Handle>(const_cast<void*>(value.pointer))));
    case kTensorList: {
      c10::List<at::Tensor> list;
      list.reserve(value.length);
      auto handles = static_cast<const Handle*>(value.pointer);
      for (int32_t i = 0; i < value.length; i++) list.push_back(shim::borrow(handles[i]));
      return c10::IValue(std::move(list));
    }
    case kOptionalTensorList: {
      c10::List<OptionalTensor> list;
      list.reserve(value.length);
      auto handles = static_cast<const Handle*>(value.pointer);
      for (int32_t i = 0; i < value.length; i++) {
        list.push_back(handles[i] == nullptr ? OptionalTensor() : OptionalTensor(shim::borrow(handles[i])));
      }
      return c10::IValue(std::move(list));
    }
    case kInt:
      return real ? c10::IValue(static_cast<double>(value.integer)) : c10::IValue(value.integer);
    case kDouble:
      return c10::IValue(value.real);
    case kBool:
      return c10::IValue(value.integer != 0);
    case kComplex: {
      auto parts = static_cast<const double*>(value.pointer);
      return c10::IValue(c10::complex<double>(parts[0], parts[1]));
    }
    case kIntList:
      return c10::IValue(c10::IntArrayRef(static_cast<const int64_t*>(value.pointer), value.length));
    case kDoubleList: {
      auto numbers = static_cast<const double*>(value.pointer);
      return c10::IValue(std::vector<double>(numbers, numbers + value.length));
    }
    case kBoolList: {
      c10::List<bool> list;
      auto flags = static_cast<const uint8_t*>(value.pointer);
      for (int32_t i = 0; i < value.length; i++) list.push_back(flags[i] != 0);
      return c10::IValue(std::move(list));
    }
    case kString:
      return c10::IValue(std::string(static_cast<const char*>(value.pointer), value.length));
    case kDevice:
      return c10::IValue(c10::Device(static_cast<c10::DeviceType>(value.integer), static_cast<c10::DeviceIndex>(value.length)));
    case kGenerator: {
      auto impl = static_cast<c10::GeneratorImpl*>(const_cast<void*>(value.pointer));
      return c10::IValue(at::Generator(c10::intrusive_ptr<c10::GeneratorImpl>::unsafe_reclaim_from_nonowning(impl)));
    }
    default:
      TORCH_CHECK(false, "value of unknown tag ", value.tag);
  }
}

void from_ivalue(c10::IValue&& source, Value& value) {
  value.length = 0;
  value.integer = 0;
  if (source.isTensor()) {
    value.tag = kTensor;
    value.pointer = shim::release(std::move(source).toTensor());
  } else if (source.isTensorList()) {
    // The array belongs to the caller, who returns it with ht_free_array.
    auto tensors = source.toTensorVector();
    auto handles = new Handle[tensors.size()];
    for (size_t i = 0; i < tensors.size(); i++) handles[i] = shim::release(std::move(tensors[i]));
    value.tag = kTensorList;
    value.length = static_cast<int32_t>(tensors.size());
    value.pointer = handles;
  } else if (source.isInt()) {
    value.tag = kInt;
    value.integer = source.toInt();
  } else if (source.isDouble()) {
    value.tag = kDouble;
    value.real = source.toDouble();
  } else if (source.isBool()) {
    value.tag = kBool;
    value.integer = source.toBool() ? 1 : 0;
  } else if (source.isNone()) {
    value.tag = kNone;
  } else {
    TORCH_CHECK(false, "an operator's result of type ", source.tagKind(), " is not supported");
  }
}

// A stack borrowed from the thread. A nested call (a hook that calls an operator) finds none and makes its own.
class ScopedStack {
 public:
  ScopedStack() { values.swap(spare()); }
  ~ScopedStack() {
    values.clear();
    values.swap(spare());
  }
  std::vector<c10::IValue> values;

 private:
  static std::vector<c10::IValue>& spare() {
    thread_local std::vector<c10::IValue> stack;
    return stack;
  }
};

}  // namespace

HT_API void* ht_find_operator(const char* name, const char* overload) {
  return shim::guarded<void*>(nullptr, [&]() -> void* {
    return new Operator(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload));
  });
}

// Writes at most `capacity` results and returns how many there were; results beyond it are dropped, so an
// in-place operator is called with capacity 0.
HT_API int32_t ht_call(void* op, const Value* arguments, int32_t count, Value* results, int32_t capacity) {
  return shim::guarded<int32_t>(-1, [&]() -> int32_t {
    auto& target = *static_cast<Operator*>(op);
    const auto& formal = target.handle.schema().arguments();
    TORCH_CHECK(static_cast<size_t>(count) <= formal.size(), target.handle.schema().name(), " takes ", formal.size(),
                " arguments but was given ", count);
    ScopedStack stack;
    stack.values.reserve(formal.size());
    for (size_t i = 0; i < formal.size(); i++) {
      if (i < static_cast<size_t>(count) && arguments[i].tag != kDefault) {
        stack.values.push_back(to_ivalue(arguments[i], target.real[i]));
      } else {
        const auto& fallback = formal[i].default_value();
        TORCH_CHECK(fallback.has_value(), target.handle.schema().name(), " needs a value for its argument '",
                    formal[i].name(), "'");
        stack.values.push_back(*fallback);
      }
    }
    target.handle.callBoxed(&stack.values);
    auto produced = static_cast<int32_t>(stack.values.size());
    for (int32_t i = 0; i < produced && i < capacity; i++) from_ivalue(std::move(stack.values[i]), results[i]);
    return produced;
  });
}

HT_API void ht_free_array(Handle* handles) { delete[] handles; }
