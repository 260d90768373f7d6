using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Element-wise functions of two tensors that are neither arithmetic nor comparison.
    public partial class Tensor
    {
        public Tensor atan2(Tensor other) => Ops.atan2.Call(this, other);
        public Tensor atan2_(Tensor other) => Ops.atan2_.InPlace(this, other);
        public Tensor arctan2(Tensor other) => atan2(other);
        public Tensor arctan2_(Tensor other) => atan2_(other);
        public Tensor hypot(Tensor other) => Ops.hypot.Call(this, other);
        public Tensor copysign(Tensor other) => Ops.copysign.Call(this, other);
        public Tensor logaddexp(Tensor other) => Ops.logaddexp.Call(this, other);
        public Tensor logaddexp2(Tensor other) => Ops.logaddexp2.Call(this, other);
        public Tensor nextafter(Tensor other) => Ops.nextafter.Call(this, other);
        public Tensor ldexp(Tensor other) => Ops.ldexp.Call(this, other);
        public Tensor gcd(Tensor other) => Ops.gcd.Call(this, other);
        public Tensor lcm(Tensor other) => Ops.lcm.Call(this, other);
        public Tensor xlogy(Tensor y) => Ops.xlogy.Call(this, y);
        public Tensor xlogy(Scalar y) => Ops.xlogyNumber.Call(this, y);
        public Tensor float_power(Tensor target) => Ops.floatPower.Call(this, target);
    }

    public static Tensor atan2(Tensor input, Tensor other) => input.atan2(other);
    public static Tensor atan2_(Tensor input, Tensor other) => input.atan2_(other);
    public static Tensor arctan2(Tensor input, Tensor other) => input.atan2(other);
    public static Tensor hypot(Tensor left, Tensor right) => left.hypot(right);
    public static Tensor copysign(Tensor input, Tensor other) => input.copysign(other);
    public static Tensor logaddexp(Tensor left, Tensor right) => left.logaddexp(right);
    public static Tensor logaddexp2(Tensor left, Tensor right) => left.logaddexp2(right);
    public static Tensor nextafter(Tensor input, Tensor other) => input.nextafter(other);
    public static Tensor ldexp(Tensor input, Tensor other) => input.ldexp(other);
    public static Tensor gcd(Tensor left, Tensor right) => left.gcd(right);
    public static Tensor lcm(Tensor input, Tensor other) => input.lcm(other);
    public static Tensor xlogy(Tensor x, Tensor y) => x.xlogy(y);
    public static Tensor xlogy(Tensor x, Scalar y) => x.xlogy(y);
    public static Tensor float_power(Tensor input, Tensor target) => input.float_power(target);
}

file static class Ops
{
    public static readonly Op atan2 = new("atan2"), atan2_ = new("atan2_"), hypot = new("hypot"), copysign = new("copysign.Tensor");
    public static readonly Op logaddexp = new("logaddexp"), logaddexp2 = new("logaddexp2"), nextafter = new("nextafter");
    public static readonly Op ldexp = new("ldexp.Tensor"), gcd = new("gcd"), lcm = new("lcm");
    public static readonly Op xlogy = new("xlogy.Tensor"), xlogyNumber = new("xlogy.Scalar_Other");
    public static readonly Op floatPower = new("float_power.Tensor_Tensor");
}
