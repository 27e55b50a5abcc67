using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions.Tests.Models;

public sealed class HubSettingsTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("smollm3-home-").FullName;
    private readonly Dictionary<string, string> _variables = [];

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void Without_variables_it_is_the_public_hub_and_the_usual_folder()
    {
        HubSettings settings = Read();
        Assert.Equal("https://huggingface.co", settings.Endpoint);
        Assert.Equal(Path.Combine(_home, ".cache", "huggingface", "hub"), settings.Cache);
        Assert.Null(settings.Token);
        Assert.False(settings.IsOffline);
    }

    [Fact]
    public void The_nearest_folder_wins()
    {
        _variables["XDG_CACHE_HOME"] = "/xdg";
        Assert.Equal(Path.GetFullPath("/xdg/huggingface/hub"), Read().Cache);
        _variables["HF_HOME"] = "~/hf";
        Assert.Equal(Path.Combine(_home, "hf", "hub"), Read().Cache);
        _variables["HUGGINGFACE_HUB_CACHE"] = "/old";
        Assert.Equal(Path.GetFullPath("/old"), Read().Cache);
        _variables["HF_HUB_CACHE"] = "/new";
        Assert.Equal(Path.GetFullPath("/new"), Read().Cache);
        _variables["HF_HUB_CACHE"] = " ";
        Assert.Equal(Path.GetFullPath("/old"), Read().Cache);
    }

    [Fact]
    public void The_token_is_the_variable_or_else_the_file_the_login_wrote()
    {
        string file = Path.Combine(_home, ".cache", "huggingface", "token");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "hf_file\n");
        Assert.Equal("hf_file", Read().Token);
        _variables["HF_TOKEN"] = " hf_variable\r\n";
        Assert.Equal("hf_variable", Read().Token);
        _variables.Remove("HF_TOKEN");
        _variables["HF_TOKEN_PATH"] = Path.Combine(_home, "none");
        Assert.Null(Read().Token);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("YES", true)]
    [InlineData("On", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    [InlineData("no", false)]
    public void Offline_is_what_huggingface_hub_takes_for_true(string value, bool isOffline)
    {
        _variables["HF_HUB_OFFLINE"] = value;
        Assert.Equal(isOffline, Read().IsOffline);
    }

    [Fact]
    public void A_mirror_takes_the_hubs_place()
    {
        _variables["HF_ENDPOINT"] = "https://mirror.example/hf/";
        Assert.Equal("https://mirror.example/hf", Read().Endpoint);
    }

    private HubSettings Read() => HubSettings.From(_variables.GetValueOrDefault, _home);
}
