using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>What a division does with the fraction.</summary>
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }

    // Sums, differences, products and quotients, of tensors and of a tensor and a number.
    public partial class Tensor
    {
        public Tensor add(Tensor target) => Ops.add.Call(this, target);
        public Tensor add(Tensor target, Scalar alpha) => Ops.add.Call(this, target, alpha);
        public Tensor add(Scalar scalar) => Ops.addNumber.Call(this, scalar);
        public Tensor add(Scalar scalar, Scalar alpha) => Ops.addNumber.Call(this, scalar, alpha);
        public Tensor add_(Tensor target) => Ops.add_.InPlace(this, target);
        public Tensor add_(Tensor target, Scalar alpha) => Ops.add_.InPlace(this, target, alpha);
        public Tensor add_(Scalar scalar) => Ops.addNumber_.InPlace(this, scalar);
        public Tensor add_(Scalar scalar, Scalar alpha) => Ops.addNumber_.InPlace(this, scalar, alpha);

        public Tensor sub(Tensor target) => Ops.sub.Call(this, target);
        public Tensor sub(Scalar target) => Ops.subNumber.Call(this, target);
        public Tensor sub_(Tensor target) => Ops.sub_.InPlace(this, target);
        public Tensor sub_(Scalar target) => Ops.subNumber_.InPlace(this, target);
        public Tensor subtract(Tensor target) => sub(target);
        public Tensor subtract(Scalar target) => sub(target);
        public Tensor subtract_(Tensor target) => sub_(target);
        public Tensor subtract_(Scalar target) => sub_(target);

        public Tensor mul(Tensor target) => Ops.mul.Call(this, target);
        public Tensor mul(Scalar target) => Ops.mulNumber.Call(this, target);
        public Tensor mul_(Tensor target) => Ops.mul_.InPlace(this, target);
        public Tensor mul_(Scalar target) => Ops.mulNumber_.InPlace(this, target);
        public Tensor multiply(Tensor target) => mul(target);
        public Tensor multiply(Scalar target) => mul(target);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Ops.div.Call(this, target, Name(rounding_mode));

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Ops.divNumber.Call(this, target, Name(rounding_mode));

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Ops.div_.InPlace(this, target, Name(rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Ops.divNumber_.InPlace(this, target, Name(rounding_mode));

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);
        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);
        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);
        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);
        public Tensor true_divide(Tensor other) => div(other);
        public Tensor true_divide(Scalar other) => div(other);
        public Tensor true_divide_(Tensor other) => div_(other);
        public Tensor true_divide_(Scalar other) => div_(other);
        public Tensor floor_divide(Tensor other) => div(other, RoundingMode.floor);
        public Tensor floor_divide(Scalar other) => div(other, RoundingMode.floor);
        public Tensor floor_divide_(Tensor other) => div_(other, RoundingMode.floor);
        public Tensor floor_divide_(Scalar other) => div_(other, RoundingMode.floor);

        public Tensor fmod(Tensor target) => Ops.fmod.Call(this, target);
        public Tensor fmod(Scalar scalar) => Ops.fmodNumber.Call(this, scalar);
        public Tensor fmod_(Tensor target) => Ops.fmod_.InPlace(this, target);
        public Tensor fmod_(Scalar scalar) => Ops.fmodNumber_.InPlace(this, scalar);
        public Tensor remainder(Tensor target) => Ops.remainder.Call(this, target);
        public Tensor remainder(Scalar scalar) => Ops.remainderNumber.Call(this, scalar);
        public Tensor remainder_(Tensor target) => Ops.remainder_.InPlace(this, target);
        public Tensor remainder_(Scalar scalar) => Ops.remainderNumber_.InPlace(this, scalar);

        public Tensor pow(Tensor exponent) => Ops.pow.Call(this, exponent);
        public Tensor pow(Scalar exponent) => Ops.powNumber.Call(this, exponent);
        public Tensor pow_(Tensor exponent) => Ops.pow_.InPlace(this, exponent);
        public Tensor pow_(Scalar exponent) => Ops.powNumber_.InPlace(this, exponent);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcmul.Call(this, tensor1, tensor2, value);
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcmul_.InPlace(this, tensor1, tensor2, value);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Ops.addcdiv.Call(this, tensor1, tensor2);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcdiv.Call(this, tensor1, tensor2, value);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Ops.addcdiv_.InPlace(this, tensor1, tensor2);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcdiv_.InPlace(this, tensor1, tensor2, value);
        public Tensor lerp(Tensor end, Tensor weight) => Ops.lerp.Call(this, end, weight);
        public Tensor lerp_(Tensor end, Tensor weight) => Ops.lerp_.InPlace(this, end, weight);

        private static string? Name(RoundingMode mode) => mode switch
        {
            RoundingMode.trunc => "trunc",
            RoundingMode.floor => "floor",
            _ => null,
        };
    }
}

file static class Ops
{
    public static readonly Op add = new("add.Tensor"), addNumber = new("add.Scalar");
    public static readonly Op add_ = new("add_.Tensor"), addNumber_ = new("add_.Scalar");
    public static readonly Op sub = new("sub.Tensor"), subNumber = new("sub.Scalar");
    public static readonly Op sub_ = new("sub_.Tensor"), subNumber_ = new("sub_.Scalar");
    public static readonly Op mul = new("mul.Tensor"), mulNumber = new("mul.Scalar");
    public static readonly Op mul_ = new("mul_.Tensor"), mulNumber_ = new("mul_.Scalar");
    public static readonly Op div = new("div.Tensor_mode"), divNumber = new("div.Scalar_mode");
    public static readonly Op div_ = new("div_.Tensor_mode"), divNumber_ = new("div_.Scalar_mode");
    public static readonly Op fmod = new("fmod.Tensor"), fmodNumber = new("fmod.Scalar");
    public static readonly Op fmod_ = new("fmod_.Tensor"), fmodNumber_ = new("fmod_.Scalar");
    public static readonly Op remainder = new("remainder.Tensor"), remainderNumber = new("remainder.Scalar");
    public static readonly Op remainder_ = new("remainder_.Tensor"), remainderNumber_ = new("remainder_.Scalar");
    public static readonly Op pow = new("pow.Tensor_Tensor"), powNumber = new("pow.Tensor_Scalar");
    public static readonly Op pow_ = new("pow_.Tensor"), powNumber_ = new("pow_.Scalar");
    public static readonly Op addcmul = new("addcmul"), addcmul_ = new("addcmul_");
    public static readonly Op addcdiv = new("addcdiv"), addcdiv_ = new("addcdiv_");
    public static readonly Op lerp = new("lerp.Tensor"), lerp_ = new("lerp_.Tensor");
}
