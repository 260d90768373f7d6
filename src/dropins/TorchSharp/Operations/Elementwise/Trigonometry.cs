using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Trigonometric and hyperbolic functions, and their inverses.
    public partial class Tensor
    {
        public Tensor sin() => Ops.sin.Call(this);
        public Tensor sin_() => Ops.sin_.InPlace(this);
        public Tensor cos() => Ops.cos.Call(this);
        public Tensor cos_() => Ops.cos_.InPlace(this);
        public Tensor tan() => Ops.tan.Call(this);
        public Tensor tan_() => Ops.tan_.InPlace(this);
        public Tensor sinh() => Ops.sinh.Call(this);
        public Tensor sinh_() => Ops.sinh_.InPlace(this);
        public Tensor cosh() => Ops.cosh.Call(this);
        public Tensor cosh_() => Ops.cosh_.InPlace(this);
        public Tensor tanh() => Ops.tanh.Call(this);
        public Tensor tanh_() => Ops.tanh_.InPlace(this);
        public Tensor asin() => Ops.asin.Call(this);
        public Tensor asin_() => Ops.asin_.InPlace(this);
        public Tensor acos() => Ops.acos.Call(this);
        public Tensor acos_() => Ops.acos_.InPlace(this);
        public Tensor atan() => Ops.atan.Call(this);
        public Tensor atan_() => Ops.atan_.InPlace(this);
        public Tensor asinh() => Ops.asinh.Call(this);
        public Tensor asinh_() => Ops.asinh_.InPlace(this);
        public Tensor acosh() => Ops.acosh.Call(this);
        public Tensor acosh_() => Ops.acosh_.InPlace(this);
        public Tensor atanh() => Ops.atanh.Call(this);
        public Tensor atanh_() => Ops.atanh_.InPlace(this);
        public Tensor arcsin() => asin();
        public Tensor arcsin_() => asin_();
        public Tensor arccos() => acos();
        public Tensor arccos_() => acos_();
        public Tensor arctan() => atan();
        public Tensor arctan_() => atan_();
        public Tensor arcsinh() => asinh();
        public Tensor arcsinh_() => asinh_();
        public Tensor arccosh() => acosh();
        public Tensor arccosh_() => acosh_();
        public Tensor arctanh() => atanh();
        public Tensor arctanh_() => atanh_();
    }

    public static Tensor sin(Tensor input) => input.sin();
    public static Tensor sin_(Tensor input) => input.sin_();
    public static Tensor cos(Tensor input) => input.cos();
    public static Tensor cos_(Tensor input) => input.cos_();
    public static Tensor tan(Tensor input) => input.tan();
    public static Tensor tan_(Tensor input) => input.tan_();
    public static Tensor sinh(Tensor input) => input.sinh();
    public static Tensor sinh_(Tensor input) => input.sinh_();
    public static Tensor cosh(Tensor input) => input.cosh();
    public static Tensor cosh_(Tensor input) => input.cosh_();
    public static Tensor tanh(Tensor input) => input.tanh();
    public static Tensor tanh_(Tensor input) => input.tanh_();
    public static Tensor asin(Tensor input) => input.asin();
    public static Tensor asin_(Tensor input) => input.asin_();
    public static Tensor acos(Tensor input) => input.acos();
    public static Tensor acos_(Tensor input) => input.acos_();
    public static Tensor atan(Tensor input) => input.atan();
    public static Tensor atan_(Tensor input) => input.atan_();
    public static Tensor asinh(Tensor input) => input.asinh();
    public static Tensor asinh_(Tensor input) => input.asinh_();
    public static Tensor acosh(Tensor input) => input.acosh();
    public static Tensor acosh_(Tensor input) => input.acosh_();
    public static Tensor atanh(Tensor input) => input.atanh();
    public static Tensor atanh_(Tensor input) => input.atanh_();
    public static Tensor arcsin(Tensor input) => input.arcsin();
    public static Tensor arcsin_(Tensor input) => input.arcsin_();
    public static Tensor arccos(Tensor input) => input.arccos();
    public static Tensor arccos_(Tensor input) => input.arccos_();
    public static Tensor arctan(Tensor input) => input.arctan();
    public static Tensor arctan_(Tensor input) => input.arctan_();
    public static Tensor arcsinh(Tensor input) => input.arcsinh();
    public static Tensor arcsinh_(Tensor input) => input.arcsinh_();
    public static Tensor arccosh(Tensor input) => input.arccosh();
    public static Tensor arccosh_(Tensor input) => input.arccosh_();
    public static Tensor arctanh(Tensor input) => input.arctanh();
    public static Tensor arctanh_(Tensor input) => input.arctanh_();
}

file static class Ops
{
    public static readonly Op sin = new("sin");
    public static readonly Op sin_ = new("sin_");
    public static readonly Op cos = new("cos");
    public static readonly Op cos_ = new("cos_");
    public static readonly Op tan = new("tan");
    public static readonly Op tan_ = new("tan_");
    public static readonly Op sinh = new("sinh");
    public static readonly Op sinh_ = new("sinh_");
    public static readonly Op cosh = new("cosh");
    public static readonly Op cosh_ = new("cosh_");
    public static readonly Op tanh = new("tanh");
    public static readonly Op tanh_ = new("tanh_");
    public static readonly Op asin = new("asin");
    public static readonly Op asin_ = new("asin_");
    public static readonly Op acos = new("acos");
    public static readonly Op acos_ = new("acos_");
    public static readonly Op atan = new("atan");
    public static readonly Op atan_ = new("atan_");
    public static readonly Op asinh = new("asinh");
    public static readonly Op asinh_ = new("asinh_");
    public static readonly Op acosh = new("acosh");
    public static readonly Op acosh_ = new("acosh_");
    public static readonly Op atanh = new("atanh");
    public static readonly Op atanh_ = new("atanh_");
}
