using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>What a <see cref="NativeValue"/> holds; the numbers are those of native/dispatch.cpp.</summary>
internal enum ValueTag
{
    /// <summary>Not given: the operator's schema has a default.</summary>
    Default = 0,
    None = 1,
    Tensor = 2,
    TensorList = 3,
    OptionalTensorList = 4,
    Int = 5,
    Double = 6,
    Bool = 7,
    Complex = 8,
    IntList = 9,
    DoubleList = 10,
    BoolList = 11,
    String = 12,
    Device = 13,
    Generator = 14,
}

/// <summary>An argument or result as it crosses into the shim. Lists and strings point to memory of the caller.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)] public ValueTag Tag;

    /// <summary>Elements of a list, bytes of a string, index of a device.</summary>
    [FieldOffset(4)] public int Length;
    [FieldOffset(8)] public long Integer;
    [FieldOffset(8)] public double Real;
    [FieldOffset(8)] public nint Pointer;
}
