namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>A tensor that a module registers and an optimizer trains. It takes over the tensor that it is made from.</summary>
    public class Parameter : torch.Tensor
    {
        public Parameter(torch.Tensor data, bool requires_grad = true) : this(data, data.OwningDisposeScope, requires_grad)
        {
        }

        private Parameter(torch.Tensor data, DisposeScope? scope, bool requires_grad)
            : base(WithGradient(data, requires_grad).DecoupleFromNativeHandle(), register: false) => scope?.Add(this);

        private static torch.Tensor WithGradient(torch.Tensor data, bool requires_grad)
        {
            data.requires_grad = requires_grad;
            return data;
        }
    }
}

namespace TorchSharp
{
    public static partial class TensorExtensionMethods
    {
        public static Modules.Parameter AsParameter(this torch.Tensor tensor) => new(tensor);
    }
}
