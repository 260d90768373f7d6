using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Element-wise comparisons: tensors of bool.
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Ops.eq.Call(this, target);
        public Tensor eq(Scalar target) => Ops.eqNumber.Call(this, target);
        public Tensor eq_(Tensor target) => Ops.eq_.InPlace(this, target);
        public Tensor eq_(Scalar target) => Ops.eqNumber_.InPlace(this, target);
        public Tensor ne(Tensor target) => Ops.ne.Call(this, target);
        public Tensor ne(Scalar target) => Ops.neNumber.Call(this, target);
        public Tensor ne_(Tensor target) => Ops.ne_.InPlace(this, target);
        public Tensor ne_(Scalar target) => Ops.neNumber_.InPlace(this, target);
        public Tensor lt(Tensor target) => Ops.lt.Call(this, target);
        public Tensor lt(Scalar target) => Ops.ltNumber.Call(this, target);
        public Tensor lt_(Tensor target) => Ops.lt_.InPlace(this, target);
        public Tensor lt_(Scalar target) => Ops.ltNumber_.InPlace(this, target);
        public Tensor le(Tensor target) => Ops.le.Call(this, target);
        public Tensor le(Scalar target) => Ops.leNumber.Call(this, target);
        public Tensor le_(Tensor target) => Ops.le_.InPlace(this, target);
        public Tensor le_(Scalar target) => Ops.leNumber_.InPlace(this, target);
        public Tensor gt(Tensor target) => Ops.gt.Call(this, target);
        public Tensor gt(Scalar target) => Ops.gtNumber.Call(this, target);
        public Tensor gt_(Tensor target) => Ops.gt_.InPlace(this, target);
        public Tensor gt_(Scalar target) => Ops.gtNumber_.InPlace(this, target);
        public Tensor ge(Tensor target) => Ops.ge.Call(this, target);
        public Tensor ge(Scalar target) => Ops.geNumber.Call(this, target);
        public Tensor ge_(Tensor target) => Ops.ge_.InPlace(this, target);
        public Tensor ge_(Scalar target) => Ops.geNumber_.InPlace(this, target);
        public Tensor not_equal(Tensor target) => ne(target);
        public Tensor less(Tensor target) => lt(target);
        public Tensor less_equal(Tensor target) => le(target);
        public Tensor greater(Tensor target) => gt(target);
        public Tensor greater_equal(Tensor target) => ge(target);
        public Tensor not_equal_(Tensor target) => ne_(target);
        public Tensor less_equal_(Tensor target) => le_(target);

        /// <summary>Whether all elements and the shapes are equal, as a tensor of one bool.</summary>
        public Tensor equal(Tensor target) => tensor(Equals(target));

        /// <summary>Whether all elements and the shapes are equal.</summary>
        public bool Equals(Tensor target) => Ops.equal.CallBool(this, target);

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            Ops.allclose.CallBool(this, target, rtol, atol, equal_nan);

        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
            Ops.isclose.Call(this, other, rtol, atol, nanEqual);

        public Tensor maximum(Tensor other) => Ops.maximum.Call(this, other);
        public Tensor minimum(Tensor other) => Ops.minimum.Call(this, other);
        public Tensor fmax(Tensor other) => Ops.fmax.Call(this, other);
        public Tensor fmin(Tensor other) => Ops.fmin.Call(this, other);
    }

    public static Tensor eq(Tensor left, Tensor right) => left.eq(right);
    public static Tensor ne(Tensor left, Tensor right) => left.ne(right);
    public static Tensor lt(Tensor left, Tensor right) => left.lt(right);
    public static Tensor le(Tensor left, Tensor right) => left.le(right);
    public static Tensor gt(Tensor left, Tensor right) => left.gt(right);
    public static Tensor ge(Tensor left, Tensor right) => left.ge(right);
    public static Tensor equal(Tensor tensor, Tensor target) => tensor.equal(target);
    public static Tensor not_equal(Tensor tensor, Tensor target) => tensor.not_equal(target);
    public static Tensor less(Tensor tensor, Tensor target) => tensor.less(target);
    public static Tensor less_equal(Tensor tensor, Tensor target) => tensor.less_equal(target);
    public static Tensor greater(Tensor tensor, Tensor target) => tensor.greater(target);
    public static Tensor greater_equal(Tensor tensor, Tensor target) => tensor.greater_equal(target);
    public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);
    public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);
    public static Tensor fmax(Tensor input, Tensor other) => input.fmax(other);
    public static Tensor fmin(Tensor input, Tensor other) => input.fmin(other);

    public static bool allclose(Tensor tensor, Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
        tensor.allclose(target, rtol, atol, equal_nan);

    public static Tensor isclose(Tensor tensor, Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
        tensor.isclose(other, rtol, atol, nanEqual);
}

file static class Ops
{
    public static readonly Op eq = new("eq.Tensor"), eqNumber = new("eq.Scalar");
    public static readonly Op eq_ = new("eq_.Tensor"), eqNumber_ = new("eq_.Scalar");
    public static readonly Op ne = new("ne.Tensor"), neNumber = new("ne.Scalar");
    public static readonly Op ne_ = new("ne_.Tensor"), neNumber_ = new("ne_.Scalar");
    public static readonly Op lt = new("lt.Tensor"), ltNumber = new("lt.Scalar");
    public static readonly Op lt_ = new("lt_.Tensor"), ltNumber_ = new("lt_.Scalar");
    public static readonly Op le = new("le.Tensor"), leNumber = new("le.Scalar");
    public static readonly Op le_ = new("le_.Tensor"), leNumber_ = new("le_.Scalar");
    public static readonly Op gt = new("gt.Tensor"), gtNumber = new("gt.Scalar");
    public static readonly Op gt_ = new("gt_.Tensor"), gtNumber_ = new("gt_.Scalar");
    public static readonly Op ge = new("ge.Tensor"), geNumber = new("ge.Scalar");
    public static readonly Op ge_ = new("ge_.Tensor"), geNumber_ = new("ge_.Scalar");
    public static readonly Op equal = new("equal"), allclose = new("allclose"), isclose = new("isclose");
    public static readonly Op maximum = new("maximum"), minimum = new("minimum"), fmax = new("fmax"), fmin = new("fmin");
}
