using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Keeping values within bounds, and rounding them.
    public partial class Tensor
    {
        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Ops.clamp.Call(this, min, max);
        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Ops.clampEach.Call(this, min, max);
        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Ops.clamp_.InPlace(this, min, max);
        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => Ops.clampEach_.InPlace(this, min, max);
        public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);
        public Tensor clamp_max(Scalar max) => Ops.clampMax.Call(this, max);
        public Tensor clamp_max_(Scalar max) => Ops.clampMax_.InPlace(this, max);
        public Tensor clamp_min(Scalar min) => Ops.clampMin.Call(this, min);
        public Tensor clamp_min_(Scalar min) => Ops.clampMin_.InPlace(this, min);
        public Tensor round(long decimals = 0L) => Ops.round.Call(this, decimals);
        public Tensor round_(long decimals = 0L) => Ops.round_.InPlace(this, decimals);

        public Tensor nan_to_num(double nan = 0d, double? posinf = null, double? neginf = null) =>
            Ops.nanToNum.Call(this, nan, posinf, neginf);

        public Tensor nan_to_num_(double nan = 0d, double? posinf = null, double? neginf = null) =>
            Ops.nanToNum_.InPlace(this, nan, posinf, neginf);

        public Tensor renorm(float p, long dim, float maxnorm) => Ops.renorm.Call(this, p, dim, maxnorm);
    }

    public static Tensor clamp(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp(min, max);
    public static Tensor clamp(Tensor input, Tensor? min = null, Tensor? max = null) => input.clamp(min, max);
    public static Tensor clamp_(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp_(min, max);
    public static Tensor clamp_(Tensor input, Tensor? min = null, Tensor? max = null) => input.clamp_(min, max);
    public static Tensor clip(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp(min, max);
    public static Tensor clamp_max(Tensor input, Scalar max) => input.clamp_max(max);
    public static Tensor clamp_max_(Tensor input, Scalar max) => input.clamp_max_(max);
    public static Tensor clamp_min(Tensor input, Scalar min) => input.clamp_min(min);
    public static Tensor clamp_min_(Tensor input, Scalar min) => input.clamp_min_(min);
    public static Tensor round(Tensor input, long decimals = 0L) => input.round(decimals);
    public static Tensor round_(Tensor input, long decimals = 0L) => input.round_(decimals);

    public static Tensor nan_to_num(Tensor input, double nan = 0d, double? posinf = null, double? neginf = null) =>
        input.nan_to_num(nan, posinf, neginf);

    public static Tensor renorm(Tensor input, float p, long dim, float maxnorm) => input.renorm(p, dim, maxnorm);
}

file static class Ops
{
    public static readonly Op clamp = new("clamp"), clampEach = new("clamp.Tensor"), clamp_ = new("clamp_"), clampEach_ = new("clamp_.Tensor");
    public static readonly Op clampMax = new("clamp_max"), clampMax_ = new("clamp_max_");
    public static readonly Op clampMin = new("clamp_min"), clampMin_ = new("clamp_min_");
    public static readonly Op round = new("round.decimals"), round_ = new("round_.decimals");
    public static readonly Op nanToNum = new("nan_to_num"), nanToNum_ = new("nan_to_num_"), renorm = new("renorm");
}
