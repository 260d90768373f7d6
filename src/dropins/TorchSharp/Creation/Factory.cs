using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>What the creating functions have in common.</summary>
internal static partial class Factory
{
    private static readonly Op _zeros = new("zeros"), _ones = new("ones"), _empty = new("empty.memory_format"), _full = new("full");
    private static readonly Op _rand = new("rand.generator"), _randn = new("randn.generator");

    public static torch.Tensor Zeros(long[] size, torch.ScalarType? type, torch.Device? device, bool requiresGrad, string[]? names = null) =>
        Finish(_zeros.Call(size, Type(type), Arg.None, Device(device)), requiresGrad, names);

    public static torch.Tensor Ones(long[] size, torch.ScalarType? type, torch.Device? device, bool requiresGrad, string[]? names = null) =>
        Finish(_ones.Call(size, Type(type), Arg.None, Device(device)), requiresGrad, names);

    public static torch.Tensor Empty(long[] size, torch.ScalarType? type, torch.Device? device, bool requiresGrad, string[]? names = null) =>
        Finish(_empty.Call(size, Type(type), Arg.None, Device(device)), requiresGrad, names);

    /// <summary>Without a type, the value decides: whole numbers and truth values give int64, others the default type.</summary>
    public static torch.Tensor Full(
        long[] size, Scalar value, torch.ScalarType? type, torch.Device? device, bool requiresGrad, string[]? names = null) =>
        Finish(_full.Call(size, value, type ?? TypeOf(value), Arg.None, Device(device)), requiresGrad, names);

    public static torch.Tensor Rand(
        long[] size, torch.ScalarType? type, torch.Device? device, bool requiresGrad, torch.Generator? generator, string[]? names) =>
        Finish(_rand.Call(size, generator, Type(type), Arg.None, Device(device)), requiresGrad, names);

    public static torch.Tensor Randn(
        long[] size, torch.ScalarType? type, torch.Device? device, bool requiresGrad, torch.Generator? generator, string[]? names) =>
        Finish(_randn.Call(size, generator, Type(type), Arg.None, Device(device)), requiresGrad, names);

    public static torch.ScalarType Type(torch.ScalarType? type) => type ?? torch.get_default_dtype();

    public static Arg Device(torch.Device? device) => torch.InitializeDevice(device);

    public static torch.Tensor Finish(torch.Tensor created, bool requiresGrad, string[]? names = null)
    {
        if (requiresGrad) created.requires_grad_();
        return Named(created, names);
    }

    /// <summary>Names of dimensions are not supported, and are not silently dropped either.</summary>
    public static torch.Tensor Named(torch.Tensor created, string[]? names)
    {
        if (names is not { Length: > 0 }) return created;
        created.Dispose();
        throw new NotSupportedException("Named dimensions are not supported: leave out 'names'.");
    }

    private static torch.ScalarType TypeOf(Scalar value) =>
        torch.is_integral(value.Type) ? torch.ScalarType.Int64 : torch.get_default_dtype();
}
