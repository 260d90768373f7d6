using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>A function without its type parameter.</summary>
        internal interface IFunction
        {
            string Name { get; }

            List<Tensor?>? Backward(AutogradContext ctx, List<Tensor> grad_outputs);
        }

        /// <summary>
        /// The managed side of a call's node in the graph (native/function.cpp). The node holds it through a GC handle from
        /// <see cref="Attach"/> on, and frees the handle when it dies; nothing here holds the node.
        /// </summary>
        private sealed unsafe class FunctionNode(IFunction function, AutogradContext context, bool[] isTensor)
        {
            /// <summary>The outputs, tied to the inputs if gradients are recorded.</summary>
            public List<Tensor> Attach(List<Tensor> inputs, List<Tensor?>? outputs)
            {
                var missing = outputs is null ? 0 : outputs.FindIndex(output => output is null || output.IsInvalid);
                if (missing >= 0) throw new InvalidOperationException($"function {function.Name} returned no tensor as output {missing + 1}");
                nint[] given = Handles(inputs), made = Handles(outputs!), saved = Handles(Valid(context.ToSave));
                nint[] dirty = Handles(context.Dirty), constant = Handles(context.NonDifferentiable), found = new nint[made.Length];
                var node = GCHandle.ToIntPtr(GCHandle.Alloc(this));
                fixed (nint* a = given, b = made, c = saved, d = dirty, e = constant, results = found)
                    Native.Check(Native.ht_function_apply(
                        a, given.Length, b, made.Length, c, saved.Length, d, dirty.Length, e, constant.Length,
                        Flag(context.MaterializeGrads), node, &Backward, &Release, results));
                GC.KeepAlive(context.ToSave);
                GC.KeepAlive(context.Dirty);
                GC.KeepAlive(context.NonDifferentiable);
                context.HandOver();
                var wrapped = outputs!.Select((output, i) => Wrap(output!, found[i], given)).ToList();
                GC.KeepAlive(inputs);
                return wrapped;
            }

            // forward's own object where it is on the result already; a new one where the result is an alias, or an input,
            // which the caller disposes on its own.
            private static Tensor Wrap(Tensor output, nint result, nint[] inputs)
            {
                if (result != output.Handle || inputs.Contains(result)) return new Tensor(result);
                Native.ht_tensor_free(result);
                return output;
            }

            // Null and disposed tensors are saved as null.
            private static List<Tensor?> Valid(List<Tensor> tensors) => tensors.ConvertAll(tensor => tensor is { IsInvalid: false } ? tensor : null);

            [UnmanagedCallersOnly]
            private static int Backward(nint node, nint native, nint* gradients, long count, nint* results)
            {
                try
                {
                    ((FunctionNode)GCHandle.FromIntPtr(node).Target!).Run(native, new ReadOnlySpan<nint>(gradients, (int)count), results);
                    return 0;
                }
                catch (Exception error)
                {
                    Native.SetError(error);
                    return -1;
                }
            }

            [UnmanagedCallersOnly]
            private static void Release(nint node) => GCHandle.FromIntPtr(node).Free();

            private void Run(nint native, ReadOnlySpan<nint> gradients, nint* results)
            {
                var given = new List<Tensor>(gradients.Length);
                foreach (var handle in gradients) given.Add(handle == 0 ? Tensor.Invalid() : new Tensor(handle));
                context.Bind(native);
                try
                {
                    var found = Checked(function.Backward(context, given));
                    for (var i = 0; i < isTensor.Length; i++)
                    {
                        if (!isTensor[i]) continue;
                        *results++ = IsNone(found[i]) ? 0 : Native.ht_tensor_share(found[i]!.Handle);
                        GC.KeepAlive(found[i]);
                    }
                }
                finally
                {
                    context.Bind(0);
                }
            }

            // Too many are fine if the rest is none.
            private List<Tensor?> Checked(List<Tensor?>? found)
            {
                found ??= [];
                if (found.Count < isTensor.Length || found.Skip(isTensor.Length).Any(gradient => !IsNone(gradient)))
                    throw new InvalidOperationException(
                        $"function {function.Name} returned an incorrect number of gradients (expected {isTensor.Length}, got {found.Count})");
                for (var i = 0; i < isTensor.Length; i++)
                    if (!isTensor[i] && !IsNone(found[i]))
                        throw new InvalidOperationException(
                            $"function {function.Name} returned a gradient at position {i + 1}, but that argument of forward was not a tensor");
                return found;
            }

            private static bool IsNone(Tensor? tensor) => tensor is null || tensor.IsInvalid;
        }
    }
}
