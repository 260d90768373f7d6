namespace HpcTrain.Kernels.Gpu.Formats;

internal readonly struct Float32Format : IDeviceFormat<float, float>, ICastSource<float, float>, ICastTarget<float>
{
    public float Load(float stored) => stored;
    public float Store(float lane) => FloatBits.Canonical(lane);
    public float Operand(double value) => (float)value;
    public float Widen(float stored) => stored;
    public float From(float value) => value;
    public float From(double value) => FloatBits.ToSingle(value);
    public float From(long value) => value;
    public float From(ulong value) => FloatBits.ToSingle(value);
}

internal readonly struct Float64Format : IDeviceFormat<double, double>, ICastSource<double, double>, ICastTarget<double>
{
    public double Load(double stored) => stored;
    public double Store(double lane) => FloatBits.Canonical(lane);
    public double Operand(double value) => value;
    public double Widen(double stored) => stored;
    public double From(float value) => FloatBits.ToDouble(value);
    public double From(double value) => value;
    public double From(long value) => value;
    public double From(ulong value) => FloatBits.ToDouble(value);
}

internal readonly struct Float16Format : IDeviceFormat<ushort, float>, ICastSource<ushort, float>, ICastTarget<ushort>
{
    public float Load(ushort stored) => HalfBits.WidenFloat16(stored);
    public ushort Store(float lane) => HalfBits.NarrowFloat16(FloatBits.Canonical(lane));
    public float Operand(double value) => (float)value;
    public float Widen(ushort stored) => HalfBits.WidenFloat16(stored);
    public ushort From(float value) => HalfBits.NarrowFloat16(value);
    public ushort From(double value) => HalfBits.NarrowFloat16(OddRounding.ToSingle(value));
    public ushort From(long value) => HalfBits.NarrowFloat16(OddRounding.ToSingle(value));
    public ushort From(ulong value) => HalfBits.NarrowFloat16(OddRounding.ToSingle(value));
}

internal readonly struct BFloat16Format : IDeviceFormat<ushort, float>, ICastSource<ushort, float>, ICastTarget<ushort>
{
    public float Load(ushort stored) => HalfBits.WidenBFloat16(stored);
    public ushort Store(float lane) => HalfBits.NarrowBFloat16(FloatBits.Canonical(lane));
    public float Operand(double value) => (float)value;
    public float Widen(ushort stored) => HalfBits.WidenBFloat16(stored);
    public ushort From(float value) => HalfBits.NarrowBFloat16(value);
    public ushort From(double value) => HalfBits.NarrowBFloat16(OddRounding.ToSingle(value));
    public ushort From(long value) => HalfBits.NarrowBFloat16(OddRounding.ToSingle(value));
    public ushort From(ulong value) => HalfBits.NarrowBFloat16(OddRounding.ToSingle(value));
}
