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

    [Fact]
    public void Variables_in_folders_are_put_in_as_Python_does()
    {
        _variables["DISK"] = "/disk";
        _variables["NEXT"] = "$DISK";
        _variables["HF_HUB_CACHE"] = "$DISK/${DISK}/$NEXT/$NONE/a$";
        Assert.Equal(Path.GetFullPath("/disk//disk/$DISK/$NONE/a$"), Read().Cache);
        _variables["HF_HUB_CACHE"] = "~/${NONE}$DISK";
        Assert.Equal(Path.Combine(_home, "${NONE}/disk"), Read().Cache);
        _variables["HF_HUB_CACHE"] = "/a%DISK%";
        Assert.Equal(Path.GetFullPath(OperatingSystem.IsWindows() ? "/a/disk" : "/a%DISK%"), Read().Cache);
    }

    [Fact]
    public void A_token_may_be_broken_over_lines_and_may_be_forbidden()
    {
        _variables["HF_TOKEN"] = "hf_\r\nvariable";
        Assert.Equal("hf_variable", Read().Token);
        Assert.True(Read().IsTokenSound);
        _variables["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1";
        Assert.Null(Read().Token);
    }

    [Fact]
    public void Links_may_be_forbidden()
    {
        Assert.True(Read().MayLink);
        _variables["HF_HUB_DISABLE_SYMLINKS"] = "true";
        Assert.False(Read().MayLink);
    }

    [Fact]
    public void The_hubs_own_variable_for_offline_goes_before_that_of_transformers()
    {
        _variables["TRANSFORMERS_OFFLINE"] = "1";
        Assert.True(Read().IsOffline);
        _variables["HF_HUB_OFFLINE"] = "0";
        Assert.False(Read().IsOffline);
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
