using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HpcTrain.Training.Tests.Replication;

/// <summary>
/// A model whose gradients do not come layer by layer: a frozen layer, one that is never called, one that is called twice, one whose weight is used before its module is
/// called (so backward is past the module when the weight's gradient is not complete), and a parameter of a module that its forward does not touch.
/// </summary>
internal sealed class UnusualModel : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _first = Linear(SmallTraining.Features, 24);
    private readonly Module<Tensor, Tensor> _frozen = Linear(24, 24);
    private readonly Module<Tensor, Tensor> _twice = Linear(24, 24);
    private readonly TorchSharp.Modules.Linear _early = Linear(24, 24);
    private readonly Halves _halves = new();
    private readonly Module<Tensor, Tensor> _last = Linear(24, SmallTraining.Classes);

    public UnusualModel()
        : base(nameof(UnusualModel))
    {
        RegisterComponents();
        register_module("unused", Linear(7, 3));
        foreach (var parameter in _frozen.parameters())
        {
            parameter.requires_grad_(false);
        }
    }

    public static UnusualModel Make()
    {
        random.manual_seed(3);
        return new UnusualModel();
    }

    public override Tensor forward(Tensor input)
    {
        var hidden = functional.relu(_first.call(input));
        hidden = functional.relu(hidden.matmul(_early.weight!.t()));
        hidden = functional.relu(_frozen.call(hidden));
        hidden = functional.relu(_twice.call(functional.relu(_twice.call(hidden))));
        hidden = _halves.call(functional.relu(_early.call(hidden)));
        return _last.call(hidden);
    }

    /// <summary>Uses one of its parameters.</summary>
    private sealed class Halves : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter _used = new(ones(24));

        public Halves()
            : base(nameof(Halves))
        {
            register_parameter("used", _used);
            register_parameter("untouched", new TorchSharp.Modules.Parameter(ones(5)));
        }

        public override Tensor forward(Tensor input) => input * _used;
    }
}
