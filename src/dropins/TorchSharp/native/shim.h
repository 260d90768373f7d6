// The C interface between the TorchSharp drop-in and libtorch.
//
// A tensor crosses it as a TensorImpl* that owns one reference ("handle"). Everything that libtorch's
// operators can do goes through one call, ht_call; the other functions are what is not an operator:
// metadata, gradients, modes, generators, memory. A function that can fail returns -1 (or null) and leaves
// the message for ht_last_error, per thread: no C++ exception leaves this library.
//
// Only API that libtorch has kept from 1.13 on is used; TORCH_VERSION_* guards the rest.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <c10/util/Exception.h>

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#define HT_API extern "C" __attribute__((visibility("default")))

using Handle = c10::TensorImpl*;

namespace shim {

// The message of the last failed call on this thread.
std::string& last_error();

// Keeps what libtorch says to a user: the first line, without the C++ backtrace.
void remember(const char* what);

// What the caller's own code reported from within libtorch; its message is passed on whole.
struct CallersError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Runs body; an exception becomes `failure` and a message.
template <class Result, class Body>
Result guarded(Result failure, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const CallersError& error) {
    last_error().assign(error.what());
  } catch (const c10::Error& error) {
    remember(error.what_without_backtrace());
  } catch (const std::exception& error) {
    remember(error.what());
  } catch (...) {
    remember("unknown C++ exception");
  }
  return failure;
}

// Gives the tensor's reference to the caller; an undefined tensor is null.
inline Handle release(at::Tensor tensor) {
  return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

// A tensor that shares the handle's reference count; null is an undefined tensor.
inline at::Tensor borrow(Handle handle) {
  return handle == nullptr
      ? at::Tensor()
      : at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::unsafe_reclaim_from_nonowning(handle));
}

// A tensor that takes over the handle's reference; null is an undefined tensor.
inline at::Tensor adopt(Handle handle) {
  return handle == nullptr ? at::Tensor()
                           : at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(handle));
}

inline std::vector<at::Tensor> borrow(const Handle* handles, int64_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int64_t i = 0; i < count; i++) tensors.push_back(borrow(handles[i]));
  return tensors;
}

}  // namespace shim
