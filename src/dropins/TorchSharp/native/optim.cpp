// The update rules of optimizers, one call per parameter group.
//
// An optimizer moves memory rather than numbers: written as tensor operations, a step of SGD with momentum and
// weight decay goes over the parameters, gradients and state eleven times, one of Adam eighteen times. The loops
// here go over them once: each element is read, updated and written while it is at hand. They serve dense tensors
// of f32 and f64 on the CPU; any other tensor takes the same rule as tensor operations.
#include "shim.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>
#include <utility>

namespace {

// Elements per task: a few hundred KB of traffic, well above the cost of starting a thread's share.
constexpr int64_t kGrain = 1 << 15;

bool fits_loop(const at::Tensor& tensor, at::ScalarType type) {
  return tensor.layout() == at::kStrided && tensor.is_cpu() && tensor.scalar_type() == type && tensor.is_contiguous();
}

template <class... Tensors>
bool fit_loop(const at::Tensor& first, const Tensors&... others) {
  auto type = first.scalar_type();
  return (type == at::kFloat || type == at::kDouble) && fits_loop(first, type) && (fits_loop(others, type) && ...);
}

// Calls body with a null pointer of the element type.
template <class Body>
void with_type(const at::Tensor& tensor, Body&& body) {
  if (tensor.scalar_type() == at::kFloat) body(static_cast<float*>(nullptr));
  else body(static_cast<double*>(nullptr));
}

template <class T>
T* data(const at::Tensor& tensor) {
  return static_cast<T*>(tensor.data_ptr());
}

// Tells autograd that a tensor it may have saved was written behind its back.
void written(const at::Tensor& tensor) {
  tensor.unsafeGetTensorImpl()->bump_version();
}

struct Sgd {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize;
};

template <class T>
void sgd_plain(const Sgd& rule, T* __restrict__ p, const T* __restrict__ g, int64_t n) {
  const T lr = rule.lr, decay = rule.weight_decay, sign = rule.maximize ? -1 : 1;
  for (int64_t i = 0; i < n; i++) p[i] -= lr * (sign * g[i] + decay * p[i]);
}

// buffer = keep * buffer + add * gradient
template <class T, bool Nesterov>
void sgd_momentum(const Sgd& rule, T keep, T add, T* __restrict__ p, const T* __restrict__ g, T* __restrict__ b, int64_t n) {
  const T lr = rule.lr, decay = rule.weight_decay, momentum = rule.momentum, sign = rule.maximize ? -1 : 1;
  for (int64_t i = 0; i < n; i++) {
    const T gradient = sign * g[i] + decay * p[i];
    const T buffer = keep * b[i] + add * gradient;
    b[i] = buffer;
    p[i] -= lr * (Nesterov ? gradient + momentum * buffer : buffer);
  }
}

// `buffer` is undefined before the first step, which makes it the gradient itself, without dampening.
void sgd(const Sgd& rule, const at::Tensor& parameter, const at::Tensor& gradient, at::Tensor& buffer) {
  const bool first = !buffer.defined();
  if (rule.momentum == 0) {
    if (fit_loop(parameter, gradient)) {
      with_type(parameter, [&](auto* type) {
        using T = std::remove_pointer_t<decltype(type)>;
        auto p = data<T>(parameter), g = data<T>(gradient);
        at::parallel_for(0, parameter.numel(), kGrain, [&](int64_t from, int64_t to) {
          sgd_plain(rule, p + from, g + from, to - from);
        });
      });
      written(parameter);
      return;
    }
  } else if (fit_loop(parameter, gradient) && (first || fit_loop(parameter, buffer))) {
    if (first) buffer = at::zeros_like(parameter, at::MemoryFormat::Contiguous);
    with_type(parameter, [&](auto* type) {
      using T = std::remove_pointer_t<decltype(type)>;
      const T keep = first ? 0 : rule.momentum, add = first ? 1 : 1 - rule.dampening;
      auto p = data<T>(parameter), g = data<T>(gradient), b = data<T>(buffer);
      at::parallel_for(0, parameter.numel(), kGrain, [&](int64_t from, int64_t to) {
        auto loop = rule.nesterov ? sgd_momentum<T, true> : sgd_momentum<T, false>;
        loop(rule, keep, add, p + from, g + from, b + from, to - from);
      });
    });
    written(parameter);
    written(buffer);
    return;
  }

  auto g = rule.maximize ? gradient.neg() : gradient;
  if (rule.weight_decay != 0) g = g.add(parameter, rule.weight_decay);
  if (rule.momentum != 0) {
    if (first) buffer = g.clone();
    else buffer.mul_(rule.momentum).add_(g, 1 - rule.dampening);
    g = rule.nesterov ? g.add(buffer, rule.momentum) : buffer;
  }
  parameter.add_(g, -rule.lr);
}

struct Adam {
  double lr, beta1, beta2, eps, weight_decay;
  bool decoupled, maximize;  // decoupled: weight decay shrinks the parameter and does not enter the moments (AdamW)
};

template <class T, bool Amsgrad>
void adam_loop(const Adam& rule, double step, T* __restrict__ p, const T* __restrict__ g, T* __restrict__ m,
               T* __restrict__ v, T* __restrict__ largest, int64_t n) {
  const T beta1 = rule.beta1, beta2 = rule.beta2, one_minus_beta1 = 1 - rule.beta1, one_minus_beta2 = 1 - rule.beta2;
  const T eps = rule.eps, sign = rule.maximize ? -1 : 1;
  const T keep = rule.decoupled ? 1 - rule.lr * rule.weight_decay : 1;
  const T decay = rule.decoupled ? 0 : rule.weight_decay;
  const T rate = rule.lr / (1 - std::pow(rule.beta1, step));
  const T root = std::sqrt(1 - std::pow(rule.beta2, step));
  for (int64_t i = 0; i < n; i++) {
    const T gradient = sign * g[i] + decay * p[i];
    const T mean = beta1 * m[i] + one_minus_beta1 * gradient;
    const T square = beta2 * v[i] + one_minus_beta2 * gradient * gradient;
    m[i] = mean;
    v[i] = square;
    T scale = square;
    if (Amsgrad) {
      scale = largest[i] > square ? largest[i] : square;
      largest[i] = scale;
    }
    p[i] = keep * p[i] - rate * mean / (std::sqrt(scale) / root + eps);
  }
}

// `largest` is undefined without amsgrad; `step` counts from 1.
void adam(const Adam& rule, int64_t step, const at::Tensor& parameter, const at::Tensor& gradient, const at::Tensor& mean,
          const at::Tensor& square, const at::Tensor& largest) {
  if (fit_loop(parameter, gradient, mean, square) && (!largest.defined() || fit_loop(parameter, largest))) {
    with_type(parameter, [&](auto* type) {
      using T = std::remove_pointer_t<decltype(type)>;
      auto p = data<T>(parameter), g = data<T>(gradient), m = data<T>(mean), v = data<T>(square);
      auto l = largest.defined() ? data<T>(largest) : nullptr;
      at::parallel_for(0, parameter.numel(), kGrain, [&](int64_t from, int64_t to) {
        if (l != nullptr) adam_loop<T, true>(rule, step, p + from, g + from, m + from, v + from, l + from, to - from);
        else adam_loop<T, false>(rule, step, p + from, g + from, m + from, v + from, nullptr, to - from);
      });
    });
    written(parameter);
    written(mean);
    written(square);
    if (largest.defined()) written(largest);
    return;
  }

  auto g = rule.maximize ? gradient.neg() : gradient;
  if (rule.decoupled) parameter.mul_(1 - rule.lr * rule.weight_decay);
  else if (rule.weight_decay != 0) g = g.add(parameter, rule.weight_decay);
  mean.mul_(rule.beta1).add_(g, 1 - rule.beta1);
  square.mul_(rule.beta2).addcmul_(g, g.conj(), 1 - rule.beta2);
  if (largest.defined()) largest.copy_(at::maximum(largest, square));
  auto scale = (largest.defined() ? largest : square).sqrt().div_(std::sqrt(1 - std::pow(rule.beta2, step))).add_(rule.eps);
  parameter.addcdiv_(mean, scale, -rule.lr / (1 - std::pow(rule.beta1, step)));
}

}  // namespace

// Parameters without a gradient are left alone. `buffers` are the momentum buffers, null before the first step;
// one that a step makes is written there and belongs to the caller.
HT_API int32_t ht_sgd_step(const Handle* parameters, Handle* buffers, int64_t count, double lr, double momentum,
                           double dampening, double weight_decay, int32_t nesterov, int32_t maximize) {
  return shim::guarded<int32_t>(-1, [&]() -> int32_t {
    at::NoGradGuard no_grad;
    const Sgd rule{lr, momentum, dampening, weight_decay, nesterov != 0, maximize != 0};
    for (int64_t i = 0; i < count; i++) {
      auto parameter = shim::borrow(parameters[i]);
      if (!parameter.grad().defined()) continue;
      auto buffer = shim::borrow(buffers[i]);
      sgd(rule, parameter, parameter.grad(), buffer);
      if (buffers[i] == nullptr) buffers[i] = shim::release(std::move(buffer));
    }
    return 0;
  });
}

// `steps` counts each parameter's steps; `largest` holds nulls without amsgrad.
HT_API int32_t ht_adam_step(const Handle* parameters, const Handle* means, const Handle* squares, const Handle* largest,
                            int64_t* steps, int64_t count, double lr, double beta1, double beta2, double eps,
                            double weight_decay, int32_t decoupled, int32_t maximize) {
  return shim::guarded<int32_t>(-1, [&]() -> int32_t {
    at::NoGradGuard no_grad;
    const Adam rule{lr, beta1, beta2, eps, weight_decay, decoupled != 0, maximize != 0};
    for (int64_t i = 0; i < count; i++) {
      auto parameter = shim::borrow(parameters[i]);
      if (!parameter.grad().defined()) continue;
      steps[i]++;
      adam(rule, steps[i], parameter, parameter.grad(), shim::borrow(means[i]), shim::borrow(squares[i]), shim::borrow(largest[i]));
    }
    return 0;
  });
}

// Sets the gradients that there are to zero, where they lie.
HT_API int32_t ht_zero_gradients(const Handle* parameters, int64_t count) {
  return shim::guarded<int32_t>(-1, [&]() -> int32_t {
    at::NoGradGuard no_grad;
    for (int64_t i = 0; i < count; i++) {
      auto parameter = shim::borrow(parameters[i]);
      auto& gradient = parameter.mutable_grad();
      if (!gradient.defined()) continue;
      // A gradient with a history of its own (create_graph) starts anew.
      if (gradient.grad_fn()) gradient.detach_();
      gradient.zero_();
    }
    return 0;
  });
}
