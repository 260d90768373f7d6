using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>
/// One of libtorch's operators, by its name in the aten namespace with the overload after a dot ("add.Tensor"); a name
/// with "::" brings its own namespace. It is looked up at its first call. Arguments are those of the operator's schema in
/// order; what is missing at the end takes the schema's default.
/// </summary>
internal sealed unsafe class Op(string name)
{
    // Lists of an ordinary call fit: two shapes of rank 4 and a stride take 96 bytes.
    private const int StackBytes = 512;

    private nint _handle;

    /// <summary>For an operator with one result.</summary>
    public Tensor Call(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Run(arguments, &result, 1);
        return ToTensor(result);
    }

    public (Tensor, Tensor) Call2(params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[2];
        Run(arguments, results, 2);
        return (ToTensor(results[0]), ToTensor(results[1]));
    }

    public (Tensor, Tensor, Tensor) Call3(params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[3];
        Run(arguments, results, 3);
        return (ToTensor(results[0]), ToTensor(results[1]), ToTensor(results[2]));
    }

    /// <summary>For an operator whose result is a Tensor[].</summary>
    public Tensor[] CallList(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Run(arguments, &result, 1);
        var handles = (nint*)result.Pointer;
        var tensors = new Tensor[result.Length];
        for (var i = 0; i < tensors.Length; i++) tensors[i] = new Tensor(handles[i]);
        Native.ht_free_array(handles);
        return tensors;
    }

    /// <summary>For an operator that changes its first argument, which is returned.</summary>
    public Tensor InPlace(params ReadOnlySpan<Arg> arguments)
    {
        Run(arguments, null, 0);
        return Unsafe.As<Tensor>(arguments[0].Source!);
    }

    /// <summary>For an operator that changes a list of tensors.</summary>
    public void InPlaceList(params ReadOnlySpan<Arg> arguments) => Run(arguments, null, 0);

    /// <summary>For an operator with one bool as its result.</summary>
    public bool CallBool(params ReadOnlySpan<Arg> arguments) => CallLong(arguments) != 0;

    /// <summary>For an operator with one integer as its result.</summary>
    public long CallLong(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Run(arguments, &result, 1);
        return result.Integer;
    }

    /// <summary>For an operator with one number as its result.</summary>
    public double CallDouble(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Run(arguments, &result, 1);
        return result.Tag == ValueTag.Double ? result.Real : result.Integer;
    }

    [SkipLocalsInit]
    [SuppressMessage("Reliability", "CA2014:Do not use stackalloc in loops", Justification = "There is no loop.")]
    private void Run(ReadOnlySpan<Arg> arguments, NativeValue* results, int capacity)
    {
        if (_handle == 0) Resolve();
        var values = stackalloc NativeValue[arguments.Length];
        var stack = stackalloc byte[StackBytes];
        var scratch = new Scratch(stack, StackBytes);
        try
        {
            for (var i = 0; i < arguments.Length; i++) arguments[i].Write(values + i, ref scratch);
            if (Native.ht_call(_handle, values, arguments.Length, results, capacity) < 0) throw Native.LastError();
        }
        finally
        {
            scratch.Dispose();
        }

        // The handles that the call used belong to these objects.
        foreach (ref readonly var argument in arguments) GC.KeepAlive(argument.Source);
    }

    // Two threads may both resolve: they find the same operator, and one small record is lost.
    private void Resolve()
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var plain = dot < 0 ? name : name[..dot];
        var qualified = plain.Contains("::", StringComparison.Ordinal) ? plain : "aten::" + plain;
        var overload = dot < 0 ? "" : name[(dot + 1)..];
        fixed (byte* first = Encoding.UTF8.GetBytes(qualified + "\0"), second = Encoding.UTF8.GetBytes(overload + "\0"))
            _handle = Native.CheckHandle(Native.ht_find_operator(first, second));
    }

    // An operator may leave an optional result undefined: it comes as null.
    private static Tensor ToTensor(in NativeValue value) => value.Pointer == 0 ? null! : new Tensor(value.Pointer);
}
