using TorchSharp.Interop;

// Upstream's signatures say nothing of null, so that overrides with and without annotations fit.
#nullable disable annotations

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>
        /// What one call of a function keeps for its backward pass. forward fills it, backward reads it; the graph owns it,
        /// and lets it go together with the outputs.
        /// </summary>
        public class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> _data = [];
            private int _savedCount;
            private nint _native;

            internal AutogradContext()
            {
            }

            /// <summary>Whether a missing gradient of an output reaches backward as zeros (the default) or as an invalid tensor.</summary>
            public bool MaterializeGrads { get; private set; } = true;

            internal List<Tensor> ToSave { get; private set; } = [];

            internal List<Tensor> Dirty { get; private set; } = [];

            internal List<Tensor> NonDifferentiable { get; private set; } = [];

            /// <summary>Keeps inputs or outputs for backward; null stays null. The last call in forward counts.</summary>
            public void save_for_backward(List<Tensor> tensors) => ToSave = [.. tensors];

            /// <summary>
            /// The saved tensors, new objects of the current dispose scope. Only within backward.
            /// </summary>
            /// <exception cref="System.Runtime.InteropServices.ExternalException">
            /// One was modified in place since, or an earlier backward pass without retain_graph has freed them.
            /// </exception>
            public unsafe List<Tensor> get_saved_variables()
            {
                if (_native == 0)
                    throw new InvalidOperationException("The saved tensors belong to the graph: call get_saved_variables in backward.");
                var found = new nint[_savedCount];
                fixed (nint* results = found) Native.Check(Native.ht_function_saved(_native, results, found.Length));
                return found.Select(handle => handle == 0 ? null : new Tensor(handle)).ToList();
            }

            /// <summary>Keeps what is not a tensor. Tensors go into <see cref="save_for_backward"/>, else they are not checked.</summary>
            public void save_data(string key, object value) => _data[key] = value;

            /// <summary>What <see cref="save_data"/> kept, or null.</summary>
            public object get_data(string key) => _data.GetValueOrDefault(key);

            /// <summary>Names the inputs that forward changed in place; it must return them.</summary>
            public void mark_dirty(List<Tensor> tensors) => Dirty = [.. tensors.Where(tensor => tensor is not null)];

            /// <summary>Names the outputs that have no gradient.</summary>
            public void mark_non_differentiable(List<Tensor> tensors) => NonDifferentiable = [.. tensors.Where(tensor => tensor is not null)];

            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Lets go of what forward kept outside the graph.</summary>
            protected virtual void Dispose(bool disposing)
            {
                _data.Clear();
                ForgetTensors();
            }

            // From the end of forward on, the graph holds them.
            internal void HandOver()
            {
                _savedCount = ToSave.Count;
                ForgetTensors();
            }

            /// <summary>The node's context while its backward runs, 0 otherwise: the node may be gone then.</summary>
            internal void Bind(nint native) => _native = native;

            private void ForgetTensors() => ToSave = Dirty = NonDifferentiable = [];
        }
    }
}
