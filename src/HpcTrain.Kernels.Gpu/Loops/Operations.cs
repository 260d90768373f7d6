namespace HpcTrain.Kernels.Gpu.Loops;

/// <summary>An operation on two lanes.</summary>
internal interface IOperation<TLane> where TLane : unmanaged
{
    TLane Apply(TLane left, TLane right);
}

/// <summary>An operation on any lane.</summary>
internal interface IArithmeticOperation : IBitwiseOperation, IOperation<float>, IOperation<double>;

/// <summary>An operation on integer lanes.</summary>
internal interface IBitwiseOperation : IOperation<int>, IOperation<uint>, IOperation<long>, IOperation<ulong>;

internal readonly struct SumOperation : IArithmeticOperation
{
    public float Apply(float left, float right) => left + right;
    public double Apply(double left, double right) => left + right;
    public int Apply(int left, int right) => left + right;
    public uint Apply(uint left, uint right) => left + right;
    public long Apply(long left, long right) => left + right;
    public ulong Apply(ulong left, ulong right) => left + right;
}

internal readonly struct ProdOperation : IArithmeticOperation
{
    public float Apply(float left, float right) => left * right;
    public double Apply(double left, double right) => left * right;
    public int Apply(int left, int right) => left * right;
    public uint Apply(uint left, uint right) => left * right;
    public long Apply(long left, long right) => left * right;
    public ulong Apply(ulong left, ulong right) => left * right;
}

/// <summary>Of floats the lesser by <see cref="FloatOrder"/>, or the NaN.</summary>
internal readonly struct MinOperation : IArithmeticOperation
{
    public float Apply(float left, float right) => FloatOrder.Takes(left, FloatOrder.Key(left) < FloatOrder.Key(right), right) ? left : right;
    public double Apply(double left, double right) => FloatOrder.Takes(left, FloatOrder.Key(left) < FloatOrder.Key(right), right) ? left : right;
    public int Apply(int left, int right) => left < right ? left : right;
    public uint Apply(uint left, uint right) => left < right ? left : right;
    public long Apply(long left, long right) => left < right ? left : right;
    public ulong Apply(ulong left, ulong right) => left < right ? left : right;
}

/// <summary>Of floats the greater by <see cref="FloatOrder"/>, or the NaN.</summary>
internal readonly struct MaxOperation : IArithmeticOperation
{
    public float Apply(float left, float right) => FloatOrder.Takes(left, FloatOrder.Key(left) > FloatOrder.Key(right), right) ? left : right;
    public double Apply(double left, double right) => FloatOrder.Takes(left, FloatOrder.Key(left) > FloatOrder.Key(right), right) ? left : right;
    public int Apply(int left, int right) => left > right ? left : right;
    public uint Apply(uint left, uint right) => left > right ? left : right;
    public long Apply(long left, long right) => left > right ? left : right;
    public ulong Apply(ulong left, ulong right) => left > right ? left : right;
}

/// <summary>Floats by IEEE division, integers toward zero.</summary>
internal readonly struct DivideOperation : IArithmeticOperation
{
    public float Apply(float left, float right) => left / right;
    public double Apply(double left, double right) => left / right;
    public int Apply(int left, int right) => left / right;
    public uint Apply(uint left, uint right) => left / right;
    public long Apply(long left, long right) => left / right;
    public ulong Apply(ulong left, ulong right) => left / right;
}

internal readonly struct AndOperation : IBitwiseOperation
{
    public int Apply(int left, int right) => left & right;
    public uint Apply(uint left, uint right) => left & right;
    public long Apply(long left, long right) => left & right;
    public ulong Apply(ulong left, ulong right) => left & right;
}

internal readonly struct OrOperation : IBitwiseOperation
{
    public int Apply(int left, int right) => left | right;
    public uint Apply(uint left, uint right) => left | right;
    public long Apply(long left, long right) => left | right;
    public ulong Apply(ulong left, ulong right) => left | right;
}

internal readonly struct XorOperation : IBitwiseOperation
{
    public int Apply(int left, int right) => left ^ right;
    public uint Apply(uint left, uint right) => left ^ right;
    public long Apply(long left, long right) => left ^ right;
    public ulong Apply(ulong left, ulong right) => left ^ right;
}
