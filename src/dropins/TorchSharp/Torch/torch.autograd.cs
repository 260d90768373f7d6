using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>The gradients of outputs with respect to inputs; null for an input that was not used.</summary>
        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs,
            IList<Tensor> inputs,
            IList<Tensor>? grad_outputs = null,
            bool retain_graph = false,
            bool create_graph = false,
            bool allow_unused = false)
        {
            nint[] from = Handles(outputs), to = Handles(inputs), weights = Handles(grad_outputs), found = new nint[to.Length];
            fixed (nint* a = from, b = to, c = weights, results = found)
                Native.Check(Native.ht_autograd_grad(
                    a, from.Length, b, to.Length, c, weights.Length, Flag(retain_graph), Flag(create_graph), Flag(allow_unused), results));
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return found.Select(handle => handle == 0 ? null! : new Tensor(handle)).ToList();
        }

        /// <summary>Adds the gradients of tensors to the <c>grad</c> of the leaves, or of <paramref name="inputs"/> alone.</summary>
        public static unsafe void backward(
            IList<Tensor> tensors,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null)
        {
            nint[] roots = Handles(tensors), weights = Handles(grad_tensors), leaves = Handles(inputs);
            fixed (nint* a = roots, b = weights, c = leaves)
                Native.Check(Native.ht_backward(
                    a, roots.Length, b, weights.Length, Flag(retain_graph ?? create_graph), Flag(create_graph), c, leaves.Length));
            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        public static void backward(
            Tensor tensor,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor,
            Tensor grad_tensor,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);

        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);

        private static nint[] Handles(IEnumerable<Tensor?>? tensors) => tensors?.Select(tensor => tensor?.Handle ?? 0).ToArray() ?? [];

        private static int Flag(bool value) => value ? 1 : 0;
    }
}
