using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Lets the layers of a module that are products of matrices (linear ones and convolutions) compute in 16 bits: their parameters are converted, hooks convert what goes in, and back what comes out. Norms,
/// activations and losses stay in f32, as do parameters that a layer of another kind holds.
/// </summary>
internal sealed class HalfLayers : IDisposable
{
    private readonly List<Action> _unhook = [];

    /// <param name="module">The model.</param>
    /// <param name="type">The 16-bit type.</param>
    /// <exception cref="TrainingException">libtorch has no products of this type here, or two layers hold the same parameter.</exception>
    public HalfLayers(nn.Module module, ScalarType type)
    {
        RequireProducts(type);
        var layers = module.named_modules().Select(m => m.module).Prepend(module).Distinct(ReferenceEqualityComparer.Instance).Where(IsProduct).Cast<nn.Module<Tensor, Tensor>>().ToList();
        RequireOwnParameters(module, layers);
        foreach (var layer in layers)
        {
            layer.to(type);
            _unhook.Add(layer.register_forward_pre_hook((_, input) => input.to(type)).remove);
            _unhook.Add(layer.register_forward_hook((_, _, output) => output.to(ScalarType.Float32)).remove);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var unhook in _unhook)
        {
            unhook();
        }
    }

    private static bool IsProduct(object? module) => module is Linear or Conv1d or Conv2d;

    private static void RequireProducts(ScalarType type)
    {
        try
        {
            using var scope = NewDisposeScope();
            ones(2, 2, dtype: type).matmul(ones(2, 2, dtype: type));
        }
        catch (ExternalException e)
        {
            throw new TrainingException($"libtorch has no products of {type} matrices on the CPU ({e.Message.Split('\n')[0].TrimEnd('.')}): train with --precision bf16 or f32.", e);
        }
    }

    private static void RequireOwnParameters(nn.Module module, List<nn.Module<Tensor, Tensor>> layers)
    {
        var owners = new Dictionary<nint, nn.Module>();
        foreach (var owner in module.named_modules().Select(m => m.module).Prepend(module).Distinct(ReferenceEqualityComparer.Instance).Cast<nn.Module>())
        {
            foreach (var (name, parameter) in owner.named_parameters(recurse: false))
            {
                if (owners.TryGetValue(parameter.Handle, out var other) && other != owner && (layers.Contains(owner) || layers.Contains(other)))
                {
                    throw new TrainingException($"parameter {name} of {owner.GetName()} belongs to {other.GetName()} too, which computes in another type: train with --precision f32.");
                }

                owners[parameter.Handle] = owner;
            }
        }
    }
}
