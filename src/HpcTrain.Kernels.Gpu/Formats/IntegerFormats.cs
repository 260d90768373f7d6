namespace HpcTrain.Kernels.Gpu.Formats;

internal readonly struct Int8Format : IDeviceFormat<sbyte, int>, ICastSource<sbyte, long>, ICastTarget<sbyte>
{
    public int Load(sbyte stored) => stored;
    public sbyte Store(int lane) => (sbyte)lane;
    public int Operand(double value) => (int)value;
    public long Widen(sbyte stored) => stored;
    public sbyte From(float value) => (sbyte)Limits.ToInteger(value, sbyte.MinValue, sbyte.MaxValue);
    public sbyte From(double value) => (sbyte)Limits.ToInteger(value, sbyte.MinValue, sbyte.MaxValue);
    public sbyte From(long value) => (sbyte)value;
    public sbyte From(ulong value) => (sbyte)value;
}

internal readonly struct UInt8Format : IDeviceFormat<byte, uint>, ICastSource<byte, long>, ICastTarget<byte>
{
    public uint Load(byte stored) => stored;
    public byte Store(uint lane) => (byte)lane;
    public uint Operand(double value) => (uint)value;
    public long Widen(byte stored) => stored;
    public byte From(float value) => (byte)Limits.ToInteger(value, byte.MinValue, byte.MaxValue);
    public byte From(double value) => (byte)Limits.ToInteger(value, byte.MinValue, byte.MaxValue);
    public byte From(long value) => (byte)value;
    public byte From(ulong value) => (byte)value;
}

internal readonly struct Int16Format : IDeviceFormat<short, int>, ICastSource<short, long>, ICastTarget<short>
{
    public int Load(short stored) => stored;
    public short Store(int lane) => (short)lane;
    public int Operand(double value) => (int)value;
    public long Widen(short stored) => stored;
    public short From(float value) => (short)Limits.ToInteger(value, short.MinValue, short.MaxValue);
    public short From(double value) => (short)Limits.ToInteger(value, short.MinValue, short.MaxValue);
    public short From(long value) => (short)value;
    public short From(ulong value) => (short)value;
}

internal readonly struct UInt16Format : IDeviceFormat<ushort, uint>, ICastSource<ushort, long>, ICastTarget<ushort>
{
    public uint Load(ushort stored) => stored;
    public ushort Store(uint lane) => (ushort)lane;
    public uint Operand(double value) => (uint)value;
    public long Widen(ushort stored) => stored;
    public ushort From(float value) => (ushort)Limits.ToInteger(value, ushort.MinValue, ushort.MaxValue);
    public ushort From(double value) => (ushort)Limits.ToInteger(value, ushort.MinValue, ushort.MaxValue);
    public ushort From(long value) => (ushort)value;
    public ushort From(ulong value) => (ushort)value;
}

internal readonly struct Int32Format : IDeviceFormat<int, int>, ICastSource<int, long>, ICastTarget<int>
{
    public int Load(int stored) => stored;
    public int Store(int lane) => lane;
    public int Operand(double value) => (int)value;
    public long Widen(int stored) => stored;
    public int From(float value) => (int)Limits.ToInteger(value, int.MinValue, int.MaxValue);
    public int From(double value) => (int)Limits.ToInteger(value, int.MinValue, int.MaxValue);
    public int From(long value) => (int)value;
    public int From(ulong value) => (int)value;
}

internal readonly struct UInt32Format : IDeviceFormat<uint, uint>, ICastSource<uint, long>, ICastTarget<uint>
{
    public uint Load(uint stored) => stored;
    public uint Store(uint lane) => lane;
    public uint Operand(double value) => (uint)value;
    public long Widen(uint stored) => stored;
    public uint From(float value) => (uint)Limits.ToInteger(value, uint.MinValue, uint.MaxValue);
    public uint From(double value) => (uint)Limits.ToInteger(value, uint.MinValue, uint.MaxValue);
    public uint From(long value) => (uint)value;
    public uint From(ulong value) => (uint)value;
}

internal readonly struct Int64Format : IDeviceFormat<long, long>, ICastSource<long, long>, ICastTarget<long>
{
    public long Load(long stored) => stored;
    public long Store(long lane) => lane;
    public long Operand(double value) => (long)value;
    public long Widen(long stored) => stored;
    public long From(float value) => Limits.ToInteger(value, long.MinValue, long.MaxValue);
    public long From(double value) => Limits.ToInteger(value, long.MinValue, long.MaxValue);
    public long From(long value) => value;
    public long From(ulong value) => (long)value;
}

internal readonly struct UInt64Format : IDeviceFormat<ulong, ulong>, ICastSource<ulong, ulong>, ICastTarget<ulong>
{
    public ulong Load(ulong stored) => stored;
    public ulong Store(ulong lane) => lane;
    public ulong Operand(double value) => (ulong)(long)value;
    public ulong Widen(ulong stored) => stored;
    public ulong From(float value) => Limits.ToUnsigned(value);
    public ulong From(double value) => Limits.ToUnsigned(value);
    public ulong From(long value) => (ulong)value;
    public ulong From(ulong value) => value;
}
