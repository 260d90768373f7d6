// Gradients: the engine's entry points, leaf properties, and the modes that switch recording off.
#include "shim.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>

HT_API int32_t ht_requires_grad(Handle handle) { return handle->requires_grad() ? 1 : 0; }

HT_API int32_t ht_set_requires_grad(Handle handle, int32_t value) {
  return shim::guarded<int32_t>(-1, [&] {
    shim::borrow(handle).requires_grad_(value != 0);
    return 0;
  });
}

HT_API int32_t ht_is_leaf(Handle handle) {
  return shim::guarded<int32_t>(-1, [&] { return shim::borrow(handle).is_leaf() ? 1 : 0; });
}

HT_API int32_t ht_retain_grad(Handle handle) {
  return shim::guarded<int32_t>(-1, [&] {
    shim::borrow(handle).retain_grad();
    return 0;
  });
}

// Null: the tensor has no gradient.
HT_API Handle ht_grad(Handle handle) {
  shim::last_error().clear();
  return shim::guarded<Handle>(nullptr, [&] { return shim::release(shim::borrow(handle).grad()); });
}

HT_API int32_t ht_set_grad(Handle handle, Handle gradient) {
  return shim::guarded<int32_t>(-1, [&] {
    auto tensor = shim::borrow(handle);
    auto value = shim::borrow(gradient);
    if (value.defined()) {
      TORCH_CHECK(value.sizes() == tensor.sizes(), "assigned grad has data of a different size: ", value.sizes(),
                  " instead of ", tensor.sizes());
      TORCH_CHECK(value.scalar_type() == tensor.scalar_type(), "assigned grad has data of a different type: ",
                  value.scalar_type(), " instead of ", tensor.scalar_type());
      TORCH_CHECK(value.device() == tensor.device(), "assigned grad has data located on a different device: ",
                  value.device(), " instead of ", tensor.device());
    }
    tensor.mutable_grad() = value;
    return 0;
  });
}

HT_API int32_t ht_backward(const Handle* roots, int64_t root_count, const Handle* gradients, int64_t gradient_count,
                           int32_t retain_graph, int32_t create_graph, const Handle* inputs, int64_t input_count) {
  return shim::guarded<int32_t>(-1, [&] {
    torch::autograd::backward(shim::borrow(roots, root_count), shim::borrow(gradients, gradient_count), retain_graph != 0,
                              create_graph != 0, shim::borrow(inputs, input_count));
    return 0;
  });
}

// Writes one handle per input; null where the input was not used.
HT_API int32_t ht_autograd_grad(const Handle* outputs, int64_t output_count, const Handle* inputs, int64_t input_count,
                                const Handle* gradients, int64_t gradient_count, int32_t retain_graph,
                                int32_t create_graph, int32_t allow_unused, Handle* results) {
  return shim::guarded<int32_t>(-1, [&] {
    auto found = torch::autograd::grad(shim::borrow(outputs, output_count), shim::borrow(inputs, input_count),
                                       shim::borrow(gradients, gradient_count), retain_graph != 0, create_graph != 0,
                                       allow_unused != 0);
    for (auto& gradient : found) *results++ = shim::release(std::move(gradient));
    return 0;
  });
}

HT_API int32_t ht_grad_mode() { return at::GradMode::is_enabled() ? 1 : 0; }

HT_API void ht_set_grad_mode(int32_t enabled) { at::GradMode::set_enabled(enabled != 0); }

HT_API int32_t ht_inference_mode() { return c10::InferenceMode::is_enabled() ? 1 : 0; }

// The guard is thread state: the thread that entered leaves, in reverse order.
HT_API void* ht_enter_inference_mode(int32_t enabled) { return new c10::InferenceMode(enabled != 0); }

HT_API void ht_leave_inference_mode(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

HT_API int32_t ht_anomaly_mode() { return torch::autograd::AnomalyMode::is_enabled() ? 1 : 0; }

HT_API int32_t ht_anomaly_check_nan() { return torch::autograd::AnomalyMode::should_check_nan() ? 1 : 0; }

HT_API void ht_set_anomaly_mode(int32_t enabled, int32_t check_nan) {
  torch::autograd::AnomalyMode::set_enabled(enabled != 0, check_nan != 0);
}
