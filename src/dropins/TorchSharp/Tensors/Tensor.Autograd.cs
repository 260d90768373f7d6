using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Gradients.
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Read(Native.ht_requires_grad(Handle)) != 0;
            set => requires_grad_(value);
        }

        public bool is_leaf
        {
            get
            {
                var leaf = Native.ht_is_leaf(Handle);
                Native.Check(leaf);
                GC.KeepAlive(this);
                return leaf != 0;
            }
        }

        /// <summary>The accumulated gradient, null before the first backward pass. Each read makes a new object on it.</summary>
        public Tensor? grad
        {
            get
            {
                var handle = Native.CheckOptional(Native.ht_grad(Handle));
                GC.KeepAlive(this);
                return handle == 0 ? null : new Tensor(handle);
            }

            set
            {
                Native.Check(Native.ht_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            Native.Check(Native.ht_set_requires_grad(Handle, requires_grad ? 1 : 0));
            GC.KeepAlive(this);
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad()
        {
            Native.Check(Native.ht_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        public void backward() => autograd.backward([this]);

        public void backward(
            IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }
}
