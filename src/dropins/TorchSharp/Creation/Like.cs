using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Tensors with the shape, and unless told otherwise the type and device, of another.
    public partial class Tensor
    {
        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Factory.Finish(Ops.zeros.Call(this, dtype ?? this.dtype, Arg.None, device ?? this.device), requires_grad);

        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Factory.Finish(Ops.ones.Call(this, dtype ?? this.dtype, Arg.None, device ?? this.device), requires_grad);

        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Factory.Finish(Ops.empty.Call(this, dtype ?? this.dtype, Arg.None, device ?? this.device), requires_grad);

        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Factory.Finish(Ops.rand.Call(this, dtype ?? this.dtype, Arg.None, device ?? this.device), requires_grad);

        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Factory.Finish(Ops.randn.Call(this, dtype ?? this.dtype, Arg.None, device ?? this.device), requires_grad);

        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Factory.Finish(Ops.full.Call(this, value, dtype ?? this.dtype, Arg.None, device ?? this.device), requires_grad);

        public Tensor randint_like(
            long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Factory.Finish(Ops.randint.Call(this, low, high, dtype ?? this.dtype, Arg.None, device ?? this.device), requires_grad);
    }

    public static Tensor zeros_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Factory.Named(input.zeros_like(dtype, device, requires_grad), names);

    public static Tensor ones_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Factory.Named(input.ones_like(dtype, device, requires_grad), names);

    public static Tensor empty_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Factory.Named(input.empty_like(dtype, device, requires_grad), names);

    public static Tensor rand_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        input.rand_like(dtype, device, requires_grad);

    public static Tensor randn_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        input.randn_like(dtype, device, requires_grad);

    public static Tensor full_like(
        Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Factory.Named(input.full_like(value, dtype, device, requires_grad), names);

    public static Tensor randint_like(
        Tensor input, long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        input.randint_like(low, high, dtype, device, requires_grad);
}

file static class Ops
{
    public static readonly Op zeros = new("zeros_like");
    public static readonly Op ones = new("ones_like");
    public static readonly Op empty = new("empty_like");
    public static readonly Op rand = new("rand_like");
    public static readonly Op randn = new("randn_like");
    public static readonly Op full = new("full_like"), randint = new("randint_like.low_dtype");
}
