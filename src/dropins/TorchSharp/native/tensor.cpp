// A tensor's lifetime, metadata and memory.
#include "shim.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <ATen/core/LegacyTypeDispatch.h>

namespace shim {

std::string& last_error() {
  thread_local std::string message;
  return message;
}

void remember(const char* what) {
  auto& message = last_error();
  message.assign(what);
  auto end = message.find('\n');
  if (end != std::string::npos) message.resize(end);
}

}  // namespace shim

HT_API const char* ht_last_error() { return shim::last_error().c_str(); }

// Any thread may free a handle: the count is atomic, and so is libtorch's CPU allocator.
HT_API void ht_tensor_free(Handle handle) {
  c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(handle);
}

// A second handle on the same tensor (same storage, same gradient, same graph).
HT_API Handle ht_tensor_share(Handle handle) { return shim::release(shim::borrow(handle)); }

HT_API int64_t ht_tensor_dim(Handle handle) {
  return shim::guarded<int64_t>(-1, [&] { return handle->dim(); });
}

HT_API int64_t ht_tensor_numel(Handle handle) {
  return shim::guarded<int64_t>(-1, [&] { return static_cast<int64_t>(handle->numel()); });
}

HT_API void ht_tensor_sizes(Handle handle, int64_t* sizes) {
  for (auto size : handle->sizes()) *sizes++ = size;
}

HT_API int32_t ht_tensor_strides(Handle handle, int64_t* strides) {
  return shim::guarded<int32_t>(-1, [&] {
    for (auto stride : handle->strides()) *strides++ = stride;
    return 0;
  });
}

HT_API int64_t ht_tensor_storage_offset(Handle handle) {
  return shim::guarded<int64_t>(-1, [&] { return static_cast<int64_t>(handle->storage_offset()); });
}

HT_API int32_t ht_tensor_dtype(Handle handle) { return static_cast<int32_t>(c10::typeMetaToScalarType(handle->dtype())); }

// The device's type in the low half, its index (-1: none) in the high half.
HT_API int64_t ht_tensor_device(Handle handle) {
  auto device = handle->device();
  return (static_cast<int64_t>(device.index()) << 32) | static_cast<uint32_t>(device.type());
}

HT_API int32_t ht_tensor_is_contiguous(Handle handle) { return handle->is_contiguous() ? 1 : 0; }

HT_API int32_t ht_tensor_is_sparse(Handle handle) { return handle->is_sparse() ? 1 : 0; }

// Null without an error: a tensor without elements may have no memory.
HT_API void* ht_tensor_data(Handle handle) {
  shim::last_error().clear();
  return shim::guarded<void*>(nullptr, [&] { return shim::borrow(handle).data_ptr(); });
}

// Wraps memory that somebody else owns; `done(context)` is called once, on any thread, when the last
// tensor that uses the memory is gone.
HT_API Handle ht_tensor_from_memory(void* data, const int64_t* sizes, int32_t dims, int32_t dtype,
                                    void (*done)(void*), void* context) {
  return shim::guarded<Handle>(nullptr, [&] {
    at::AutoDispatchBelowADInplaceOrView below_autograd;
    auto options = at::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype));
    return shim::release(at::from_blob(
        data, c10::IntArrayRef(sizes, dims), [done, context](void*) { done(context); }, options));
  });
}
