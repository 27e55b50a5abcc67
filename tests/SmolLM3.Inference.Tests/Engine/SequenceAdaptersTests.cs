using SmolLM3.Inference.Engine;

namespace SmolLM3.Inference.Tests.Engine;

public sealed class SequenceAdaptersTests
{
    private readonly SequenceAdapters _adapters = new(sequences: 3);

    [Fact]
    public void A_set_stays_until_it_is_set_again_or_its_adapter_goes()
    {
        int first = _adapters.Add(), second = _adapters.Add();
        AdapterSet both = new(new AdapterUse(first, 1), new AdapterUse(second, 2));
        Assert.Equal(AdapterSet.None, _adapters.Get(0));
        _adapters.Set(0, both, length: 0);
        _adapters.Set(1, new(new AdapterUse(second, 1)), length: 0);
        Assert.Equal(both, _adapters.Get(0));

        _adapters.Remove(first, _ => 0);
        Assert.Equal(AdapterSet.None, _adapters.Get(0));
        Assert.NotEqual(AdapterSet.None, _adapters.Get(1));
        Assert.NotEqual(first, _adapters.Add());
    }

    [Fact]
    public void What_breaks_the_contract_is_refused()
    {
        int adapter = _adapters.Add();
        AdapterSet set = new(new AdapterUse(adapter, 1));
        Assert.Throws<ArgumentException>(() => _adapters.Set(0, set, length: 1));
        Assert.Throws<ArgumentException>(() => _adapters.Set(0, new(new AdapterUse(adapter + 1, 1)), length: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _adapters.Remove(adapter + 1, _ => 0));
        _adapters.Set(1, set, length: 0);
        Assert.Throws<InvalidOperationException>(() => _adapters.Remove(adapter, sequence => sequence));
        Assert.Equal(set, _adapters.Get(1));
        Assert.Throws<ArgumentException>(() => _adapters.RequireEqual(0, 1));
        _adapters.RequireEqual(0, 2);
    }

    [Fact]
    public void An_engine_that_does_not_mix_sets_refuses_a_batch_of_several()
    {
        AdapterSet set = new(new AdapterUse(_adapters.Add(), 1));
        _adapters.Set(0, set, length: 0);
        _adapters.Set(1, set, length: 0);
        Batch batch = new(3);
        batch.Add(0, 0, 1);
        batch.Add(1, 0, 1);
        _adapters.RequireOneSet(batch);
        batch.Add(2, 0, 1);
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => _adapters.RequireOneSet(batch));
        Assert.Contains("none", refusal.Message, StringComparison.Ordinal);
    }
}
