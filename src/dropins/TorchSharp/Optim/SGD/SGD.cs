using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Stochastic gradient descent, with g the gradient plus weight decay times the parameter:
///
///     buffer = momentum * buffer + (1 - dampening) * g      (at the first step: g)
///     parameter -= lr * buffer                              (nesterov: lr * (g + momentum * buffer))
///
/// A step is one call into libtorch's process per group, and one pass over the memory (native/optim.cpp).
/// </summary>
public partial class SGD : OptimizerHelper, optim.IMomentum
{
    public SGD(
        IEnumerable<Parameter> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize)
    {
    }

    public SGD(
        IEnumerable<ParamGroup> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false)
    {
        CheckNotNegative(lr, "learning rate");
        CheckNotNegative(momentum, "momentum value");
        CheckNotNegative(weight_decay, "weight_decay value");
        if (nesterov && (momentum <= 0 || dampening != 0))
            throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening", nameof(nesterov));
        _defaults = new Options
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            momentum = momentum,
            dampening = dampening,
            weight_decay = weight_decay,
            nesterov = nesterov,
            maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    public double Momentum
    {
        get => ((Options)_defaults).momentum!.Value;
        set => ((Options)_defaults).momentum = value;
    }

    public override void add_param_group(Modules.ParamGroup param_group)
    {
        var options = (Options)(param_group.Options ??= new Options());
        options.FillFrom((Options)_defaults);
        Join(param_group, static parameter => new State(parameter));
    }

    public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(Step, closure);

    private unsafe void Step(ParamGroup group)
    {
        var options = group.Options;
        var handles = Handles(group, out var parameters);
        var states = Array.ConvertAll(handles, handle => (State)_state[handle]);
        var buffers = Array.ConvertAll(states, state => state.momentum_buffer?.Handle ?? 0);
        fixed (nint* parameter = handles, buffer = buffers)
            Native.Check(Native.ht_sgd_step(
                parameter, buffer, handles.Length, options.LearningRate!.Value, options.momentum!.Value, options.dampening!.Value,
                options.weight_decay!.Value, options.nesterov!.Value ? 1 : 0, options.maximize!.Value ? 1 : 0));
        for (var i = 0; i < states.Length; i++)
            if (buffers[i] != 0)
                states[i].momentum_buffer ??= new Tensor(buffers[i], register: false);
        GC.KeepAlive(parameters);
    }

    /// <summary>Parameters with their own settings of this optimizer.</summary>
    public class ParamGroup : ParamGroup<Options>, optim.IMomentum
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
        {
        }

        public ParamGroup(
            IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0.0, double dampening = 0,
            double weight_decay = 0, bool nesterov = false, bool maximize = false)
            : base(
                parameters,
                new Options
                {
                    LearningRate = lr,
                    momentum = momentum,
                    dampening = dampening,
                    weight_decay = weight_decay,
                    nesterov = nesterov,
                    maximize = maximize,
                })
        {
        }

        public double Momentum
        {
            get => Options.momentum!.Value;
            set => Options.momentum = value;
        }
    }
}
