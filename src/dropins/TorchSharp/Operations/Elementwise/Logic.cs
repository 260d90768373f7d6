using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Logic on truth values and on bits.
    public partial class Tensor
    {
        public Tensor logical_and(Tensor other) => Ops.logical_and.Call(this, other);
        public Tensor logical_and_(Tensor other) => Ops.logical_and_.InPlace(this, other);
        public Tensor logical_or(Tensor other) => Ops.logical_or.Call(this, other);
        public Tensor logical_or_(Tensor other) => Ops.logical_or_.InPlace(this, other);
        public Tensor logical_xor(Tensor other) => Ops.logical_xor.Call(this, other);
        public Tensor logical_xor_(Tensor other) => Ops.logical_xor_.InPlace(this, other);
        public Tensor bitwise_and(Tensor other) => Ops.bitwise_and.Call(this, other);
        public Tensor bitwise_and_(Tensor other) => Ops.bitwise_and_.InPlace(this, other);
        public Tensor bitwise_or(Tensor other) => Ops.bitwise_or.Call(this, other);
        public Tensor bitwise_or_(Tensor other) => Ops.bitwise_or_.InPlace(this, other);
        public Tensor bitwise_xor(Tensor other) => Ops.bitwise_xor.Call(this, other);
        public Tensor bitwise_xor_(Tensor other) => Ops.bitwise_xor_.InPlace(this, other);
        public Tensor bitwise_left_shift(Tensor other) => Ops.bitwise_left_shift.Call(this, other);
        public Tensor bitwise_left_shift_(Tensor other) => Ops.bitwise_left_shift_.InPlace(this, other);
        public Tensor bitwise_right_shift(Tensor other) => Ops.bitwise_right_shift.Call(this, other);
        public Tensor bitwise_right_shift_(Tensor other) => Ops.bitwise_right_shift_.InPlace(this, other);
        public Tensor logical_not() => Ops.logical_not.Call(this);
        public Tensor logical_not_() => Ops.logical_not_.InPlace(this);
        public Tensor bitwise_not() => Ops.bitwise_not.Call(this);
        public Tensor bitwise_not_() => Ops.bitwise_not_.InPlace(this);
    }

    public static Tensor logical_and(Tensor left, Tensor right) => left.logical_and(right);
    public static Tensor logical_and_(Tensor left, Tensor right) => left.logical_and_(right);
    public static Tensor logical_or(Tensor left, Tensor right) => left.logical_or(right);
    public static Tensor logical_or_(Tensor left, Tensor right) => left.logical_or_(right);
    public static Tensor logical_xor(Tensor left, Tensor right) => left.logical_xor(right);
    public static Tensor logical_xor_(Tensor left, Tensor right) => left.logical_xor_(right);
    public static Tensor bitwise_and(Tensor left, Tensor right) => left.bitwise_and(right);
    public static Tensor bitwise_and_(Tensor left, Tensor right) => left.bitwise_and_(right);
    public static Tensor bitwise_or(Tensor left, Tensor right) => left.bitwise_or(right);
    public static Tensor bitwise_or_(Tensor left, Tensor right) => left.bitwise_or_(right);
    public static Tensor bitwise_xor(Tensor left, Tensor right) => left.bitwise_xor(right);
    public static Tensor bitwise_xor_(Tensor left, Tensor right) => left.bitwise_xor_(right);
    public static Tensor bitwise_left_shift(Tensor left, Tensor right) => left.bitwise_left_shift(right);
    public static Tensor bitwise_left_shift_(Tensor left, Tensor right) => left.bitwise_left_shift_(right);
    public static Tensor bitwise_right_shift(Tensor left, Tensor right) => left.bitwise_right_shift(right);
    public static Tensor bitwise_right_shift_(Tensor left, Tensor right) => left.bitwise_right_shift_(right);
    public static Tensor logical_not(Tensor input) => input.logical_not();
    public static Tensor bitwise_not(Tensor input) => input.bitwise_not();
    public static Tensor bitwise_not_(Tensor input) => input.bitwise_not_();
}

file static class Ops
{
    public static readonly Op logical_and = new("logical_and"), logical_and_ = new("logical_and_");
    public static readonly Op logical_or = new("logical_or"), logical_or_ = new("logical_or_");
    public static readonly Op logical_xor = new("logical_xor"), logical_xor_ = new("logical_xor_");
    public static readonly Op bitwise_and = new("bitwise_and.Tensor"), bitwise_and_ = new("bitwise_and_.Tensor");
    public static readonly Op bitwise_or = new("bitwise_or.Tensor"), bitwise_or_ = new("bitwise_or_.Tensor");
    public static readonly Op bitwise_xor = new("bitwise_xor.Tensor"), bitwise_xor_ = new("bitwise_xor_.Tensor");
    public static readonly Op bitwise_left_shift = new("bitwise_left_shift.Tensor"), bitwise_left_shift_ = new("bitwise_left_shift_.Tensor");
    public static readonly Op bitwise_right_shift = new("bitwise_right_shift.Tensor"), bitwise_right_shift_ = new("bitwise_right_shift_.Tensor");
    public static readonly Op logical_not = new("logical_not"), logical_not_ = new("logical_not_");
    public static readonly Op bitwise_not = new("bitwise_not"), bitwise_not_ = new("bitwise_not_");
}
