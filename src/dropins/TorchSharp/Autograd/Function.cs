#nullable disable annotations

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>
        /// A function with a backward pass of its own. A subclass derives from <see cref="SingleTensorFunction{T}"/> or
        /// <see cref="MultiTensorFunction{T}"/>; callers use <c>apply</c>. One instance serves all calls, on any thread: what
        /// a call keeps for backward goes into its context.
        /// </summary>
        public abstract class Function<T> : IFunction where T : Function<T>, new()
        {
            internal static T Instance { get; set; } = new();

            /// <summary>Stands in messages.</summary>
            public abstract string Name { get; }

            List<Tensor> IFunction.Backward(AutogradContext ctx, List<Tensor> grad_outputs) => backward_internal(ctx, grad_outputs);

            /// <summary>
            /// Runs forward without recording and ties its outputs to those arguments that are tensors. An input that comes
            /// back unchanged comes back as an alias.
            /// </summary>
            public static List<Tensor> apply_internal(params object[] vars)
            {
                var context = new AutogradContext();
                var isTensor = Array.ConvertAll(vars, value => value is Tensor { IsInvalid: false });
                List<Tensor> outputs;
                using (no_grad()) outputs = Instance.forward_internal(context, vars);
                var inputs = vars.Where((_, i) => isTensor[i]).Cast<Tensor>().ToList();
                return new FunctionNode(Instance, context, isTensor).Attach(inputs, outputs);
            }

            internal abstract List<Tensor> forward_internal(AutogradContext ctx, params object[] vars);

            internal abstract List<Tensor> backward_internal(AutogradContext ctx, List<Tensor> grad_outputs);
        }
    }
}
