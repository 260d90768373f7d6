using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What an optimizer keeps about one parameter between its steps.</summary>
public abstract class OptimizerState
{
    protected Parameter _parameter;

    protected OptimizerState(Parameter parameter) => _parameter = parameter;

    /// <summary>Forgets all steps.</summary>
    public abstract void Initialize(OptimizerOptions options);

    public abstract void SaveStateDict(BinaryWriter writer);

    public abstract void LoadStateDict(BinaryReader reader);

    /// <summary>Copies another parameter's state.</summary>
    public abstract void LoadStateDict(OptimizerState source);

    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    public virtual void to(Device device)
    {
    }

    /// <summary>A flag says whether there is a tensor, then follows the tensor.</summary>
    protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor? tensor)
    {
        writer.Write(tensor is not null);
        tensor?.Save(writer);
    }

    protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor result, Device device)
    {
        using var old = result;
        result = reader.ReadBoolean() ? Own(TensorExtensionMethods.Load(reader).to(device)) : null!;
    }

    /// <summary>A tensor that outlives every dispose scope.</summary>
    private protected static Tensor Own(Tensor tensor) => tensor.DetachFromDisposeScope();

    /// <summary>Replaces a tensor by a copy of another one, which may be null.</summary>
    private protected void Copy(ref Tensor target, Tensor? source)
    {
        using var old = target;
        target = source is null ? null! : Own(source.to(_parameter.device, copy: true));
    }

    private protected static void Move(ref Tensor tensor, Device device)
    {
        if (tensor is null) return;
        var moved = tensor.to(device);
        if (ReferenceEquals(moved, tensor)) return;
        tensor.Dispose();
        tensor = Own(moved);
    }

    private protected static bool Close(Tensor? left, Tensor? right) =>
        left is null || right is null ? left is null == right is null : left.allclose(right);
}
