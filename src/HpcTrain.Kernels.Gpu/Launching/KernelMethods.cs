using System.Reflection;
using HpcTrain.Kernels.Gpu.Formats;
using HpcTrain.Kernels.Gpu.Loops;

namespace HpcTrain.Kernels.Gpu.Launching;

/// <summary>The <see cref="DeviceLoops"/> for given types and operations.</summary>
internal static class KernelMethods
{
    public static MethodInfo Fold(ReduceOp op, ElementType destination, ElementType source)
    {
        (DeviceType to, DeviceType from) = (DeviceType.Of(destination), DeviceType.Of(source));
        return Of(nameof(DeviceLoops.Fold), to.Stored, from.Stored, to.Lane, to.Format, from.Format, Operation(op));
    }

    public static MethodInfo Average(ElementType destination, ElementType source) => Map(destination, source, typeof(DivideOperation));

    public static MethodInfo Scale(ElementType type)
    {
        DeviceType of = DeviceType.Of(type);
        return type.IsFloatingPoint()
            ? Map(type, type, typeof(ProdOperation))
            : Of(nameof(DeviceLoops.ScaleIntegers), of.Stored, of.Wide, of.Format, typeof(Float64Format));
    }

    public static MethodInfo Cast(ElementType destination, ElementType source)
    {
        (DeviceType to, DeviceType from) = (DeviceType.Of(destination), DeviceType.Of(source));
        return Of(nameof(DeviceLoops.Cast), to.Stored, from.Stored, from.Wide, to.Format, from.Format);
    }

    public static MethodInfo Fill(ElementType type)
    {
        DeviceType of = DeviceType.Of(type);
        return Of(nameof(DeviceLoops.Fill), of.Stored, of.Format);
    }

    private static MethodInfo Map(ElementType destination, ElementType source, Type operation)
    {
        (DeviceType to, DeviceType from) = (DeviceType.Of(destination), DeviceType.Of(source));
        return Of(nameof(DeviceLoops.Map), to.Stored, from.Stored, to.Lane, to.Format, from.Format, operation);
    }

    private static Type Operation(ReduceOp op) => op switch
    {
        ReduceOp.Sum or ReduceOp.Avg or ReduceOp.PreMulSum => typeof(SumOperation),
        ReduceOp.Prod => typeof(ProdOperation),
        ReduceOp.Min => typeof(MinOperation),
        ReduceOp.Max => typeof(MaxOperation),
        ReduceOp.BitAnd => typeof(AndOperation),
        ReduceOp.BitOr => typeof(OrOperation),
        ReduceOp.BitXor => typeof(XorOperation),
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, $"Reduction {(int)op} has no kernel."),
    };

    private static MethodInfo Of(string name, params Type[] types) => typeof(DeviceLoops).GetMethod(name)!.MakeGenericMethod(types);
}
