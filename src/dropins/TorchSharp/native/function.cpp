// Functions whose backward pass is the caller's own (torch.autograd.Function).
//
// The caller runs forward itself, with recording off, and hands over what came of it: the outputs, the tensors to save,
// the inputs it changed, the outputs without a gradient. ht_function_apply then ties outputs to inputs with one node.
// torch::autograd::Function makes that node (a CppNode), so that views, versions, released buffers and the count of
// gradients are libtorch's business, by the rules of the libtorch that is linked: only public API of 1.13 and 2.x is used.
//
// The node owns the caller's object through `Owner`, in its context: the object is let go when the node dies, wherever
// the last tensor of the graph is freed. The engine calls backward on the thread that asked for the gradients, or on a
// thread of its own (devices, deeply nested backward calls). What fails there comes back as a status and a message and
// becomes a C++ exception on this side of the call: no frame is unwound by the other side's exception.
#include "shim.h"

#include <torch/csrc/autograd/custom_function.h>

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Takes the gradients (null: undefined), writes one result per tensor input (null: none), each with its reference.
// `context` is good until it returns. Not 0: it failed, and has said why with ht_set_error.
using Backward = int32_t (*)(void* function, AutogradContext* context, const Handle* gradients, int64_t gradient_count,
                             Handle* results);

// Called once, on any thread.
using Released = void (*)(void* function);

namespace {

constexpr const char* owner_key = "owner";

struct Owner : torch::CustomClassHolder {
  Owner(void* function, int64_t inputs, Backward backward, Released released)
      : function(function), inputs(inputs), backward(backward), released(released) {}
  ~Owner() override { released(function); }

  void* function;
  int64_t inputs;
  Backward backward;
  Released released;
};

struct Outcome {
  variable_list outputs, saved, dirty, non_differentiable;
  bool materialize;
  c10::intrusive_ptr<Owner> owner;
};

struct CallersFunction : torch::autograd::Function<CallersFunction> {
  // `inputs` is there for libtorch, which finds the edges in the arguments.
  static variable_list forward(AutogradContext* context, at::TensorList /*inputs*/, const Outcome& outcome) {
    context->save_for_backward(outcome.saved);
    context->mark_dirty(outcome.dirty);
    context->mark_non_differentiable(outcome.non_differentiable);
    context->set_materialize_grads(outcome.materialize);
    context->saved_data[owner_key] = c10::IValue::make_capsule(outcome.owner);
    return outcome.outputs;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    auto capsule = context->saved_data.at(owner_key).toCapsule();
    auto* owner = static_cast<Owner*>(capsule.get());
    std::vector<Handle> given;
    given.reserve(gradients.size());
    for (auto& gradient : gradients) given.push_back(shim::release(std::move(gradient)));
    std::vector<Handle> found(owner->inputs, nullptr);
    auto status = owner->backward(owner->function, context, given.data(), static_cast<int64_t>(given.size()), found.data());
    variable_list results;
    results.reserve(found.size() + 1);
    for (auto* handle : found) results.push_back(shim::adopt(handle));
    results.emplace_back();  // for `outcome`, which libtorch counts as an argument of forward, too
    if (status != 0) throw shim::CallersError(shim::last_error());
    return results;
  }
};

}  // namespace

// Writes one handle per output: the output itself, tied to the graph, or an alias where it is an unchanged input.
// `function` belongs to the node from here on, also when this fails; without a graph it is released at once.
HT_API int32_t ht_function_apply(const Handle* inputs, int64_t input_count, const Handle* outputs, int64_t output_count,
                                 const Handle* saved, int64_t saved_count, const Handle* dirty, int64_t dirty_count,
                                 const Handle* non_differentiable, int64_t non_differentiable_count, int32_t materialize,
                                 void* function, Backward backward, Released released, Handle* results) {
  return shim::guarded<int32_t>(-1, [&] {
    Outcome outcome{{}, {}, {}, {}, materialize != 0, c10::make_intrusive<Owner>(function, input_count, backward, released)};
    outcome.outputs = shim::borrow(outputs, output_count);
    outcome.saved = shim::borrow(saved, saved_count);
    outcome.dirty = shim::borrow(dirty, dirty_count);
    outcome.non_differentiable = shim::borrow(non_differentiable, non_differentiable_count);
    auto vars = shim::borrow(inputs, input_count);
    auto wrapped = CallersFunction::apply(at::TensorList(vars), static_cast<const Outcome&>(outcome));
    for (auto& tensor : wrapped) *results++ = shim::release(std::move(tensor));
    return 0;
  });
}

// The saved tensors, checked to be as they were saved; null where none was. For use within Backward.
HT_API int32_t ht_function_saved(AutogradContext* context, Handle* results, int64_t capacity) {
  return shim::guarded<int32_t>(-1, [&] {
    auto saved = context->get_saved_variables();
    TORCH_CHECK(static_cast<int64_t>(saved.size()) == capacity, "the graph holds ", saved.size(), " saved tensors, not ", capacity);
    for (auto& tensor : saved) *results++ = shim::release(std::move(tensor));
    return 0;
  });
}

// The message of a Backward that fails, for this thread.
HT_API void ht_set_error(const char* message) { shim::last_error().assign(message); }
