import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import {
  completeSettings,
  PlacementDto,
  PlacementStore,
  type NamedPlacement,
  type PlacementSettings,
} from '#placements';
import { Recommender } from '#recommender';
import { Store } from '../http/access.guard.js';
import { IdentifierParameterPipe } from '../http/identifier-parameter.pipe.js';
import { PlacementsDto } from './placements.dto.js';

const named = { name: 'name', description: 'What requests call it.', example: 'home' };

@ApiTags('placements')
@Controller('v1/placements')
export class PlacementsController {
  constructor(
    private readonly placements: PlacementStore,
    private readonly recommender: Recommender,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All placements, with their settings' })
  @ApiOkResponse({ type: PlacementsDto })
  async list(@Store() store: string): Promise<{ placements: readonly NamedPlacement[] }> {
    return { placements: await this.placements.list(store) };
  }

  @Get(':name')
  @ApiOperation({ summary: 'The settings of a placement', description: 'As they can be put again.' })
  @ApiParam(named)
  @ApiOkResponse({ type: PlacementDto })
  async get(@Store() store: string, @Param('name', IdentifierParameterPipe) name: string): Promise<PlacementSettings> {
    return this.placements.get(store, name);
  }

  @Put(':name')
  @ApiOperation({
    summary: 'How the answers for one place of your pages are made',
    description:
      'Replaces the whole placement. It counts from the next request on in this process, within 5 seconds in others. The answer has all settings, with those that were left out.',
  })
  @ApiParam(named)
  @ApiOkResponse({ type: PlacementDto })
  async put(
    @Store() store: string,
    @Param('name', IdentifierParameterPipe) name: string,
    @Body() body: PlacementDto,
  ): Promise<PlacementSettings> {
    const settings = completeSettings(body);
    await this.placements.put(store, name, settings);
    this.recommender.placementsChanged(store);
    return settings;
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Forget a placement', description: 'Requests that name it get a 404 from then on.' })
  @ApiParam(named)
  @ApiNoContentResponse()
  async remove(@Store() store: string, @Param('name', IdentifierParameterPipe) name: string): Promise<void> {
    await this.placements.remove(store, name);
    this.recommender.placementsChanged(store);
  }
}
