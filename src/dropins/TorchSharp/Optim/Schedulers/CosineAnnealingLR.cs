namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            /// <summary>
            /// Lets the rates follow half a cosine from the initial ones down to eta_min in T_max epochs, and up again.
            /// </summary>
            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) =>
                new impl.CosineAnnealingLR(optimizer, T_max, eta_min, last_epoch, verbose);

            public static partial class impl
            {
                /// <summary>
                /// Lets the rates follow half a cosine from the initial ones down to eta_min in T_max epochs, and up again.
                /// </summary>
                public class CosineAnnealingLR : LRScheduler
                {
                    private readonly double _T_max;
                    private readonly double _eta_min;

                    public CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _T_max = T_max;
                        _eta_min = eta_min;
                        step();
                    }

                    // From one epoch to the next the height above eta_min changes by the ratio of the two cosines; where the last one was
                    // at its minimum, by the difference.
                    protected override IEnumerable<double> get_lr()
                    {
                        if (_last_epoch == 0) return base.get_lr();
                        if ((_last_epoch - 1 - _T_max) % (2 * _T_max) == 0)
                            return Groups.Zip(
                                _base_lrs, (group, initial) =>
                                    group.LearningRate + ((initial - _eta_min) * (1 - Math.Cos(Math.PI / _T_max)) / 2));
                        var ratio = HeightAt(_last_epoch) / HeightAt(_last_epoch - 1);
                        return Groups.Select(group => (ratio * (group.LearningRate - _eta_min)) + _eta_min);
                    }

                    protected override IEnumerable<double> get_closed_form_lr() =>
                        _base_lrs.Select(initial => _eta_min + ((initial - _eta_min) * HeightAt(_last_epoch) / 2));

                    private double HeightAt(int epoch) => 1 + Math.Cos(Math.PI * epoch / _T_max);
                }
            }
        }
    }
}
